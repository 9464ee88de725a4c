// Shows and hides the fields that stand under a condition while a person fills the form. The server decides
// again with the whole of FEEL; here only names, texts, numbers, =, !=, <, >, and, or, not() and brackets are
// read, and a condition that needs more leaves its field visible.
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|(!=|<=|>=|[=<>()])|([\p{L}_][\p{L}\p{N}_]*))/uy;

export function showConditions(page) {
  for (const form of page.querySelectorAll("form")) {
    const parts = [...form.querySelectorAll("fieldset[data-hide]")].map((part) => [part, parse(part.dataset.hide)]);
    if (!parts.length) continue;
    const follow = () => {
      const values = read(form);
      for (const [part, hide] of parts) if (hide) part.hidden = part.disabled = hide(values) === true;
    };
    form.addEventListener("change", follow);
    form.addEventListener("input", follow);
    follow();
  }
}

function read(form) {
  const values = {};
  for (const box of form.elements) if (box.type === "checkbox" && box.value === "1") values[box.name] = box.checked;
  for (const [key, value] of new FormData(form)) if (typeof value === "string" && typeof values[key] !== "boolean") values[key] = value;
  return values;
}

function parse(source) {
  const tokens = [];
  const text = source.replace(/^=/, "");
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (!found) return null;
    tokens.push(found);
  }
  let at = 0;
  const peek = () => tokens[at]?.[3] ?? tokens[at]?.[4];
  const take = (word) => (peek() === word ? (at++, true) : false);
  const any = () => { let left = all(); while (take("or")) { const a = left, b = all(); left = (v) => a(v) || b(v); } return left; };
  const all = () => { let left = compare(); while (take("and")) { const a = left, b = compare(); left = (v) => a(v) && b(v); } return left; };
  const compare = () => {
    const left = one();
    const sign = ["=", "!=", "<", ">", "<=", ">="].find((s) => peek() === s);
    if (!sign) return left;
    at++;
    const right = one();
    return (v) => test(sign, left(v), right(v));
  };
  const one = () => {
    const token = tokens[at++];
    if (!token) throw new SyntaxError("end");
    if (token[1]) { const value = JSON.parse(token[1]); return () => value; }
    if (token[2]) { const value = Number(token[2]); return () => value; }
    if (token[3] === "(") { const inner = any(); if (!take(")")) throw new SyntaxError(")"); return inner; }
    if (token[4] === "not" && take("(")) { const inner = any(); if (!take(")")) throw new SyntaxError(")"); return (v) => inner(v) === false; }
    if (["true", "false", "null"].includes(token[4])) { const value = JSON.parse(token[4]); return () => value; }
    if (token[4] && peek() !== "(") return (v) => (v[token[4]] === "" ? null : v[token[4]] ?? null);
    throw new SyntaxError(token[0]);
  };
  try { const whole = any(); return at === tokens.length ? whole : null; } catch { return null; }
}

function test(sign, left, right) {
  if (typeof left === "number" !== (typeof right === "number")) {
    if (left !== null && right !== null) { left = Number(left); right = Number(right); }
  }
  if (sign === "=") return left === right;
  if (sign === "!=") return left !== right;
  if (left === null || right === null) return null;
  return sign === "<" ? left < right : sign === ">" ? left > right : sign === "<=" ? left <= right : left >= right;
}
