// The sliders of the page: positions to numbers, numbers to bounds, bounds to text.
const STEPS = 1000;
const byId = (id) => document.getElementById(id);
const state = page.sliders.map((slider) => slider.value);

function valueAt(slider, position) {
  const part = position / STEPS, { low, high } = slider;
  const value = slider.scale === "log" ? low * (high / low) ** part : low + (high - low) * part;
  const tidy = slider.whole ? Math.round(value) : Number(value.toPrecision(4));
  return Math.min(Math.max(tidy, slider.low), slider.high);
}

function positionOf(slider, value) {
  const { low, high } = slider;
  if (!(high > low)) return 0;
  const part = slider.scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.round(STEPS * part);
}

const sign = (text) => text.replace("e+", "e").replaceAll("-", "−");

function plainNumber(value) {
  return Number.isInteger(value) ? sign(value.toLocaleString("en-US")) : sign(String(Number(value.toPrecision(6))));
}

// A limit with six digits, never on the wrong side of the number itself.
function rounded(value, up) {
  if (!Number.isFinite(value)) return "–";
  let text = value.toPrecision(6);
  const wrong = up === null ? false : up ? Number(text) < value : Number(text) > value;
  if (wrong) {
    const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 5);
    text = (Number(text) + (up ? unit : -unit)).toPrecision(6);
  }
  return sign(text.includes("e") ? String(Number(text)) : text);
}

function evaluated(bound) {
  const inputs = {};
  for (const [name, slider, factor, plus] of bound.inputs) {
    const value = state[slider] * factor;
    // a share of δ is rounded down, so that shares never add up to more
    inputs[name] = factor === 1 ? value + plus : value * (1 - EPSILON);
  }
  const [results, errors] = functions[bound.function](inputs);
  let place = bound.given.length;
  const terms = results.slice(0, bound.given.length).map((term, i) =>
    bound.up === null ? term : away(term, roundings[bound.function][i](errors[i]), bound.up));
  const trivial = bound.trivial ? results[place++] : null;
  for (const [relation, otherwise] of bound.requires) {
    const left = results[place++], right = results[place++];
    const holds = { "<=": left <= right, ">=": left >= right, "<": left < right, ">": left > right, "===": left === right };
    if (!holds[relation]) return { shown: terms, value: NaN, note: otherwise };
  }
  const value = total(terms, bound.up);
  const shown = terms.map((term, i) => bound.given[i] ? results[i] : term);
  const slack = 1e-12 * Math.abs(trivial);
  const vacuous = trivial !== null && (bound.upper ? value >= trivial - slack : value <= trivial + slack);
  return { shown, value, note: vacuous ? "vacuous: says nothing" : "" };
}

function show() {
  const changed = state.some((value, i) => value !== page.sliders[i].value);
  byId("changed").textContent = changed
    ? "The numbers below are moved: they show what the bounds would say, and no verdict of this page."
    : "";
  page.sliders.forEach((slider, i) => {
    const output = byId(`value-${i}`);
    output.textContent = plainNumber(state[i]);
    output.dataset.value = String(state[i]);
    byId(`slider-${i}`).setAttribute("aria-valuetext", plainNumber(state[i]));
  });
  for (const bound of page.bounds) {
    const { shown, value, note } = evaluated(bound);
    const cell = byId(`bound-${bound.id}`);
    cell.textContent = rounded(value, bound.up);
    cell.dataset.value = String(value);
    cell.classList.toggle("changed", changed);
    byId(`note-${bound.id}`).textContent = note;
    shown.forEach((term, i) => {
      byId(`term-${bound.id}-${i}`).textContent = plainNumber(term);
    });
  }
}

function reset() {
  page.sliders.forEach((slider, i) => {
    state[i] = slider.value;
    byId(`slider-${i}`).value = String(positionOf(slider, slider.value));
  });
}

page.sliders.forEach((slider, i) => {
  byId(`slider-${i}`).addEventListener("input", (event) => {
    state[i] = valueAt(slider, Number(event.target.value));
    show();
  });
});
byId("reset").addEventListener("click", () => {
  reset();
  show();
});
for (const group of document.querySelectorAll(".live[hidden]")) group.hidden = false;
reset();
show();
