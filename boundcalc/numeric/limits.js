"use strict";
// Limits that are defined by an equation or a sum, as boundcalc/numeric/special.py has them, and
// the rounding of results by what their errors can be.
const UNIT = @UNIT@, SPARE = @SPARE@, EPSILON = 2 ** -52;
const bits = new DataView(new ArrayBuffer(8));

function next(x, up) {
  if (x === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  if (!Number.isFinite(x)) return x;
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + (x > 0 === up ? 1n : -1n));
  return bits.getFloat64(0);
}

function moved(value, units, way) {
  return value + Math.abs(value) * (way * (units + SPARE) * UNIT);
}

// A float moved up or down by so many units of its size; 0 is exact.
function away(value, units, up) {
  if (units === 0 || (value === 0 && Number.isFinite(units))) return value;
  return next(value + Math.abs(value) * units * (up ? 1.001 : -1.001) * UNIT, up);
}

// A sum rounded up or down: the error of every addition is known exactly (Knuth's two-sum).
function total(terms, up) {
  let whole = terms[0], lost = 0, size = 0;
  for (const term of terms.slice(1)) {
    const sum = whole + term, part = sum - whole;
    const error = (whole - (sum - part)) + (term - part);
    whole = sum;
    lost += error;
    size += Math.abs(error);
  }
  if (size === 0) return whole;
  if (up === null) return whole + lost;
  return next(whole + (lost + size * (up ? 4 : -4) * terms.length * UNIT), up);
}

// The last float on the way from `inside`, where `holds`, to `outside`, where it does not.
function last(holds, inside, outside) {
  const order = (x) => (bits.setFloat64(0, x), bits.getBigInt64(0));
  const float = (x) => (bits.setBigInt64(0, x), bits.getFloat64(0));
  let a = order(inside), b = order(outside);
  while (a - b > 1n || b - a > 1n) {
    const middle = (a + b) / 2n;
    if (holds(float(middle))) a = middle;
    else b = middle;
  }
  return float(a);
}

// ln n! − Stirling's formula, and q ln(q/p) + p − q: Loader's way to a binomial probability.
function stirlingError(n) {
  if (n < 16) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product) - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI);
  }
  const r = 1 / (n * n);
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - r / 1188) * r) * r) * r) / n;
}

function deviance(x, mean) {
  const d = x - mean, v = d / (x + mean);
  if (Math.abs(v) >= 0.1) return x * Math.log(x / mean) + mean - x;
  let sum = d * v, term = 2 * x * v;
  for (let j = 1; j < 60; j++) {
    term *= v * v;
    const more = sum + term / (2 * j + 1);
    if (more === sum) break;
    sum = more;
  }
  return sum;
}

function logBinomial(k, n, p) {
  if (k === 0) return n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  const errors = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const apart = deviance(k, n * p) + deviance(n - k, n * (1 - p));
  return errors - apart + 0.5 * Math.log(n / (2 * Math.PI * k * (n - k)));
}

// ln P(Bin(n, p) ≥ k) for step 1, ln P(Bin(n, p) ≤ k) for step −1.
function logTail(k, n, p, step) {
  const odds = step > 0 ? p / (1 - p) : (1 - p) / p;
  let sum = 1, term = 1, peak = 0;
  for (let i = k; step > 0 ? i < n : i > 0; i += step) {
    term *= odds * (step > 0 ? (n - i) / (i + 1) : i / (n - i + 1));
    sum += term;
    if (sum > 1e250) {
      sum *= 1e-250;
      term *= 1e-250;
      peak += 250 * Math.LN10;
    }
    if (term < 1e-18 * sum) break;
  }
  return logBinomial(k, n, p) + Math.log(sum) + peak;
}

// A tail is known to about this many parts: the limit is moved to where so much less is left.
function tailSpare(k, n, delta) {
  return EPSILON * (64 + Math.sqrt(Math.min(k, n - k) + 1)) * (8 - Math.log(delta));
}

// −ln(p/q): far below q the step p − q has lost p, and near it the ratio the step.
function minusLog(p, q, step) {
  if (!(p < q / 2)) return -Math.log1p(step / q);
  return Number.isFinite(q / p) ? Math.log(q / p) : Math.log(q) - Math.log(p);
}

// kl(q‖p) less what its rounding errors can be.
function leastKl(q, p) {
  const step = p - q;
  const hit = q > 0 ? q * minusLog(p, q, step) : 0;
  const miss = q < 1 ? (1 - q) * minusLog(1 - p, 1 - q, -step) : 0;
  return hit + miss - 8 * EPSILON * (Math.abs(hit) + Math.abs(miss) + Math.abs(step));
}

const limits = {
  BinomialUpper(k, n, delta) {
    if (!(k < n)) return k === n ? 1 : NaN;
    const most = Math.log(delta) - tailSpare(k, n, delta);
    return last((p) => p >= 1 || (p > k / n && logTail(k, n, p, -1) <= most), 1, k / n);
  },
  BinomialLower(k, n, delta) {
    if (!(k > 0)) return k === 0 ? 0 : NaN;
    const most = Math.log(delta) - tailSpare(k, n, delta);
    return last((p) => p <= 0 || (p < k / n && logTail(k, n, p, 1) <= most), 0, k / n);
  },
  KLUpper(q, c) {
    if (q >= 1) return 1;
    return last((p) => p >= 1 || !(leastKl(q, p) < c), 1, q);
  },
  KLLower(q, c) {
    if (q <= 0) return 0;
    return last((p) => p <= 0 || !(leastKl(q, p) < c), 0, q);
  },
  LogEntropyMoment(m) {
    if (m > 1e5) {
      const theta = 1 / 3 + 4 / (135 * m);
      const moment = Math.sqrt((Math.PI * m) / 2) * Math.exp(1 / (12 * m)) + 1 - theta;
      return Math.log(moment) + 64 * EPSILON;
    }
    let sum = 0, term = 1;
    for (let i = 0; i < m && term > 1e-20; i++) {
      term *= 1 - i / m;
      sum += term;
    }
    return Math.log1p(sum) + (2 * Math.sqrt(m) + 16) * EPSILON;
  },
};
