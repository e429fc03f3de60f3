import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from './template.ts';

const labels = new Map([
  ['device', 'sda'],
  ['node', 'n1'],
]);
const scope = { value: 1234.5678, label: (name: string) => labels.get(name) ?? '' };

test('templates expand as in Prometheus', () => {
  for (const [text, expected] of [
    ['', ''],
    ['plain } text } }}', 'plain } text } }}'],
    ['{{ $value }}', '1234.5678'],
    ['{{$value}}', '1234.5678'],
    ['{{ $labels.device }} of {{ $labels.node }}', 'sda of n1'],
    ['[{{ $labels.nothing }}]', '[]'],
    ['{{ $value | humanize }}', '1.235k'],
    ['{{ humanize $value }}', '1.235k'],
    ['{{ humanize ($value) }}', '1.235k'],
    ['{{ $value | printf "%.1f" }}', '1234.6'],
    ['{{ printf "%.1f" $value }}', '1234.6'],
    ['{{ printf `%.0f%% of %s` $value $labels.device }}', '1235% of sda'],
    ['{{ $labels.device | printf "%s: %v" $labels.node }}', 'n1: sda'],
    ['{{ printf "%f" $value }}', '1234.567800'],
    ['{{ $value | humanize | printf "%s!" }}', '1.235k!'],
    ['{{ printf "%s" (humanize1024 $value) }}', '1.206ki'],
    ['{{ "{{" }}', '{{'],
    ['{{ "a\\n}}" }}', 'a\n}}'],
    ['{{ .Value }} {{ .Labels.device }}', '1234.5678 sda'],
    ['[{{ $externalURL }}{{ $externalLabels.region }}{{ .ExternalLabels.region }}]', '[]'],
    ['{{ 1435065584.128 | humanizeTimestamp }}', '2015-06-23 13:19:44.128 +0000 UTC'],
    ['{{ humanizeTimestamp 0 }}', '1970-01-01 00:00:00 +0000 UTC'],
    ['{{ $labels.device | toUpper }} {{ toLower "AbC" }}', 'SDA abc'],
    ['{{ title "two wörds, it\'s web-1" }}', "Two Wörds, It'S Web-1"],
    ['{{ reReplaceAll "(s)d(?P<l>.)" "$1-$l$$" $labels.device }}', 's-a$'],
    ['{{ "a.b.c" | reReplaceAll "[.]" "/" }}', 'a/b/c'],
    ['{{ match "^s.a$" $labels.device }} {{ match "x" $labels.device }}', 'true false'],
    ['{{ stripPort "n1.example.org:9100" }} {{ stripPort "[::1]:80" }} {{ stripPort "n1" }}', 'n1.example.org ::1 n1'],
    [
      '{{ stripDomain "n1.example.org:9100" }} {{ stripDomain "n1.a" }} {{ stripDomain "10.0.0.1:80" }}',
      'n1:9100 n1 10.0.0.1:80',
    ],
    ['{{ if gt $value 1000.0 }}high{{ else }}low{{ end }}', 'high'],
    ['{{ if lt $value 1000.0 }}low{{ else if eq $labels.device "sda" }}disk{{ else }}high{{ end }}!', 'disk!'],
    ['{{ if and (gt $value 1.0) (not (le $value 2.0)) }}yes{{ end }}', 'yes'],
    ['{{ if or (ne $labels.device "sda") false }}yes{{ end }}no', 'no'],
    ['{{ if $labels.nothing }}a{{ else }}{{ if $value }}b{{ end }}{{ end }}', 'b'],
    ['{{ if eq $labels.device "x" "sda" }}one of them{{ end }}', 'one of them'],
    ['a {{- $labels.device -}} b {{ $labels.node -}}  c', 'asdab n1c'],
    ['a{{/* nothing */}}b {{- /* nothing */ -}} c', 'abc'],
    [
      '{{ printf "%8.2f|%-8.1f|%08.1f|%+.0f|%e|%.3g|%g" $value $value $value $value $value $value $value }}',
      ' 1234.57|1234.6  |001234.6|+1235|1.234568e+03|1.23e+03|1234.5678',
    ],
    [
      '{{ printf "%5s|%-5s|%.2s|%q|%t" $labels.device $labels.device $labels.device $labels.device true }}',
      '  sda|sda  |sd|"sda"|true',
    ],
    ['{{ printf "%.2f" $value | humanize }}', '1.235k'],
    ['{{\n$value\n|\thumanizeDuration\n}}', '20m 34s'],
  ] as const) {
    const parsed = parseTemplate(text);
    assert.ok('template' in parsed, `${text}: ${JSON.stringify(parsed)}`);
    assert.equal(parsed.template.expand(scope), expected, text);
    assert.equal(parsed.template.constant, text.includes('{{') ? undefined : text);
  }
});

test('everything else is refused at its place', () => {
  for (const [text, offset, message] of [
    ['a {{ $value', 2, /has no }}/],
    ['a {{', 2, /has no }}/],
    ['a {{ }}', 5, /expected a value/],
    ['{{ $other }}', 3, /"\$other" is not supported/],
    ['{{ $labels }}', 3, /"\$labels" is not supported/],
    ['{{ $labels.a.b }}', 3, /is not supported/],
    ['{{ $value.x }}', 3, /is not supported/],
    ['{{ range query "up" }}', 3, /range is not supported/],
    ['{{ with $value }}', 3, /with is not supported/],
    ['{{ query "up" | first | value }}', 3, /query is not supported/],
    ['{{ $x := $value }}', 6, /":=" is not supported/],
    ['{{ humanise $value }}', 3, /did you mean "humanize"\?/],
    ['{{ $value | toString }}', 12, /toString is not supported/],
    ['{{ $value $value }}', 10, /expected "\|" or "}}"/],
    ['{{ ($value }}', 11, /expected "\|" or "\)"/],
    ['{{ $value | $value }}', 12, /leads into a function/],
    ['{{ $value | "text" }}', 12, /leads into a function/],
    ['{{ humanize }}', 3, /takes one number/],
    ['{{ $labels.device | humanize }}', 20, /takes one number/],
    ['{{ humanize $value $value }}', 3, /takes one number/],
    ['{{ toUpper $value }}', 3, /takes one text/],
    ['{{ match $labels.device "a" }}', 3, /takes a pattern in quotes/],
    ['{{ match "(" "a" }}', 3, /not a regular expression/],
    ['{{ reReplaceAll "a" "b" }}', 3, /takes a pattern, what replaces it, and a text/],
    ['{{ printf $value }}', 3, /takes a format in quotes/],
    ['{{ printf "%d" $value }}', 3, /prints a whole number, and this is a number with decimals: use %\.0f/],
    ['{{ printf "%z" $value }}', 3, /"%z" is not supported/],
    ['{{ printf "%.99f" $value }}', 3, /is not supported/],
    ['{{ printf "%s" $value }}', 3, /prints a text, and this is a number/],
    ['{{ printf "%.1f" $labels.device }}', 3, /prints a number, and this is a text/],
    ['{{ printf "%.1f" }}', 3, /has no value to print/],
    ['{{ printf "x" $value }}', 3, /wants 0 values and gets 1/],
    ['{{ if $value }}x', 0, /has no {{ end }}/],
    ['{{ if $value }}x{{ else }}y', 0, /has no {{ end }}/],
    ['a{{ end }}', 4, /"end" belongs to an "if"/],
    ['{{ else }}', 3, /"else" belongs to an "if"/],
    ['{{ if gt $value 90 }}x{{ end }}', 6, /write 90\.0 instead of 90/],
    ['{{ if eq $value "a" }}x{{ end }}', 6, /values of one kind/],
    ['{{ if gt $value }}x{{ end }}', 6, /takes two values/],
    ['{{ "open }}', 3, /is not supported/],
  ] as const) {
    const parsed = parseTemplate(text);
    assert.ok('problem' in parsed, text);
    assert.match(parsed.problem.message, message, text);
    assert.equal(parsed.problem.offset, offset, `${text}: ${parsed.problem.message}`);
  }
});

test('what Prometheus would expand is told from what is a mistake everywhere', () => {
  for (const [text, unsupported] of [
    ['{{ query "up" | first }}', true],
    ['{{ range $i, $x := query "up" }}{{ end }}', true],
    ['{{ $labels }}', true],
    ['{{ $labels.device | humanize }}', true],
    ['{{ urlQueryEscape $labels.device }}', true],
    ['{{ humanise $value }}', false],
    ['{{ $value', false],
    ['{{ if gt $value 90 }}x{{ end }}', false],
    ['{{ printf "%d" $value }}', false],
  ] as const) {
    const parsed = parseTemplate(text);
    assert.ok('problem' in parsed, text);
    assert.equal(parsed.problem.unsupported, unsupported, text);
  }
});
