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
    ['a {{ .Value }}', 5, /"\.Value" is not supported/],
    ['{{ $other }}', 3, /"\$other" is not supported/],
    ['{{ $labels }}', 3, /"\$labels" is not supported/],
    ['{{ $labels.a.b }}', 3, /is not supported/],
    ['{{ $value.x }}', 3, /is not supported/],
    ['{{- $value }}', 2, /"-" is not supported/],
    ['{{ if $value }}x{{ end }}', 3, /if is not supported/],
    ['{{ range query "up" }}', 3, /range|query/],
    ['{{ humanise $value }}', 3, /did you mean "humanize"\?/],
    ['{{ $value | toString }}', 12, /toString is not supported/],
    ['{{ $value $value }}', 10, /expected "\|" or "}}"/],
    ['{{ ($value }}', 11, /expected "\|" or "\)"/],
    ['{{ $value | $value }}', 12, /leads into a function/],
    ['{{ $value | "text" }}', 12, /leads into a function/],
    ['{{ humanize }}', 3, /takes one number/],
    ['{{ $labels.device | humanize }}', 20, /takes one number/],
    ['{{ humanize $value $value }}', 3, /takes one number/],
    ['{{ printf $value }}', 3, /takes a format in quotes/],
    ['{{ printf "%d" $value }}', 3, /"%d" is not supported/],
    ['{{ printf "%5.1f" $value }}', 3, /"%5\.1f" is not supported/],
    ['{{ printf "%.99f" $value }}', 3, /is not supported/],
    ['{{ printf "%s" $value }}', 3, /prints a text, and this is a number/],
    ['{{ printf "%.1f" $labels.device }}', 3, /prints a number, and this is a text/],
    ['{{ printf "%.1f" }}', 3, /has no value to print/],
    ['{{ printf "x" $value }}', 3, /wants 0 values and gets 1/],
    ['{{ "open }}', 3, /is not supported/],
  ] as const) {
    const parsed = parseTemplate(text);
    assert.ok('problem' in parsed, text);
    assert.match(parsed.problem.message, message, text);
    assert.equal(parsed.problem.offset, offset, `${text}: ${parsed.problem.message}`);
  }
});
