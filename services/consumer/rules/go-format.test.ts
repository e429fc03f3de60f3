import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatExponent, formatFixed, formatShortest, formatSignificant } from './go-format.ts';
import { HUMANIZERS } from './humanize.ts';

test('numbers print as %v, %.4g, %.1f and %.0f of Go', () => {
  for (const [value, shortest, significant, one, none] of [
    [0, '0', '0', '0.0', '0'],
    [-0, '-0', '-0', '-0.0', '-0'],
    [1, '1', '1', '1.0', '1'],
    [0.1, '0.1', '0.1', '0.1', '0'],
    [2.5, '2.5', '2.5', '2.5', '2'],
    [3.5, '3.5', '3.5', '3.5', '4'],
    [0.25, '0.25', '0.25', '0.2', '0'],
    [0.75, '0.75', '0.75', '0.8', '1'],
    [-0.04, '-0.04', '-0.04', '-0.0', '-0'],
    [0.96, '0.96', '0.96', '1.0', '1'],
    [99.96, '99.96', '99.96', '100.0', '100'],
    [1.0625, '1.0625', '1.062', '1.1', '1'],
    [12345, '12345', '1.234e+04', '12345.0', '12345'],
    [12355, '12355', '1.236e+04', '12355.0', '12355'],
    [9999.5, '9999.5', '1e+04', '9999.5', '10000'],
    [100000, '100000', '1e+05', '100000.0', '100000'],
    [1e6, '1e+06', '1e+06', '1000000.0', '1000000'],
    [123456789, '1.23456789e+08', '1.235e+08', '123456789.0', '123456789'],
    [0.0001, '0.0001', '0.0001', '0.0', '0'],
    [0.00001234, '1.234e-05', '1.234e-05', '0.0', '0'],
    [1e22, '1e+22', '1e+22', '10000000000000000000000.0', '10000000000000000000000'],
    [5e-324, '5e-324', '4.941e-324', '0.0', '0'],
    [Number.NaN, 'NaN', 'NaN', 'NaN', 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf', '+Inf', '+Inf', '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf', '-Inf', '-Inf', '-Inf'],
  ] as const) {
    const printed = [formatShortest(value), formatSignificant(value, 4), formatFixed(value, 1), formatFixed(value, 0)];
    assert.deepEqual(printed, [shortest, significant, one, none], String(value));
  }
});

test('every double comes back from its shortest form', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) =>
      Object.is(Number(formatShortest(value)), value),
    ),
  );
});

test('a fixed form differs from the value by at most half of its last digit', () => {
  const values = fc.double({ min: -1e15, max: 1e15, noNaN: true });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 10 }), (value, decimals) => {
      const printed = formatFixed(value, decimals);
      assert.match(printed, decimals === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${decimals}}$`));
      assert.ok(Math.abs(Number(printed) - value) <= 0.5 * 10 ** -decimals * (1 + 1e-9) + Math.abs(value) * 1e-15);
    }),
  );
});

test('numbers are humanized as in Prometheus', () => {
  for (const [value, expected] of [
    [0, ['0', '0', '0s', '0%']],
    [0.125, ['125m', '0.125', '125ms', '12.5%']],
    [-1, ['-1', '-1', '-1s', '-100%']],
    [1234567, ['1.235M', '1.177Mi', '14d 6h 56m 7s', '1.235e+08%']],
    [1048576, ['1.049M', '1Mi', '12d 3h 16m 16s', '1.049e+08%']],
    [59.996, ['60', '60', '60s', '6000%']],
    [61, ['61', '61', '1m 1s', '6100%']],
    [3661.5, ['3.662k', '3.576ki', '1h 1m 1s', '3.662e+05%']],
    [-90061.25, ['-90.06k', '-87.95ki', '-1d 1h 1m 1s', '-9.006e+06%']],
    [1e-9, ['1n', '1e-09', '1ns', '1e-07%']],
    [Number.POSITIVE_INFINITY, ['+Inf', '+Inf', '+Inf', '+Inf%']],
    [Number.NaN, ['NaN', 'NaN', 'NaN', 'NaN%']],
  ] as const) {
    const names = ['humanize', 'humanize1024', 'humanizeDuration', 'humanizePercentage'];
    assert.deepEqual(
      names.map((name) => HUMANIZERS[name]?.(value)),
      expected,
      String(value),
    );
  }
});

test('numbers print as %e and %.2e of Go', () => {
  for (const [value, six, two] of [
    [0, '0.000000e+00', '0.00e+00'],
    [1234.5678, '1.234568e+03', '1.23e+03'],
    [-0.00045, '-4.500000e-04', '-4.50e-04'],
    [9.999, '9.999000e+00', '1.00e+01'],
    [1e100, '1.000000e+100', '1.00e+100'],
    [Number.NaN, 'NaN', 'NaN'],
  ] as const) {
    assert.deepEqual([formatExponent(value, 6), formatExponent(value, 2)], [six, two], String(value));
  }
});
