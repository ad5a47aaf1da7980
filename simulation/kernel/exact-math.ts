/**
 * Logarithm and exponential out of nothing but sums, products and quotients, whose every bit IEEE 754 prescribes. Math.log and Math.pow
 * may be off by the last bit, and are, differently in V8 of Node 22 and of Node 24: one such bit and the same seed is another world.
 */
const { LN2 } = Math;
/** So many terms are more than a double shows. */
const LN_TERMS = 12;
const EXP_TERMS = 16;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Where sign and exponent are: the order of bytes differs between processors. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Natural logarithm of a number that is above zero, and no smaller than 2^-1022. */
export function ln(value: number): number {
  float[0] = value;
  const high = words[HIGH] ?? 0;
  let exponent = (high >>> 20) - 1023;
  words[HIGH] = (high & 0xf_ffff) | (1023 << 20);
  let mantissa = float[0];
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // ln m = 2 (s + s^3/3 + s^5/5 + …) with s = (m - 1) / (m + 1), which is 0.18 at most.
  const part = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let term = LN_TERMS; term >= 0; term -= 1) sum = sum * part * part + 1 / (2 * term + 1);
  return exponent * LN2 + 2 * part * sum;
}

/** e to the power of a number from -700 to 700. */
export function exp(value: number): number {
  const exponent = Math.round(value / LN2);
  const rest = value - exponent * LN2;
  let sum = 1;
  for (let term = EXP_TERMS; term > 0; term -= 1) sum = 1 + (rest / term) * sum;
  words[HIGH] = (exponent + 1023) << 20;
  words[1 - HIGH] = 0;
  return sum * (float[0] ?? 1);
}

/** @param base above zero */
export function power(base: number, exponent: number): number {
  return exp(exponent * ln(base));
}
