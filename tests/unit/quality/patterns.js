/*
 * patterns.js - writes patterns.tsv: what a JavaScript engine says about patterns, for
 * pattern_peer_test.c. Run by hand with node 20 when the list below grows:
 *
 *     node tests/unit/quality/patterns.js > tests/unit/quality/patterns.tsv
 *
 * A line is: the pattern, "ok" or "wrong", and for each value of the list 0 or 1. Texts are JSON
 * strings. Values leave out what node 20 itself gets wrong (\B between the two units of a character)
 * and characters whose script extensions differ between Unicode 14 and 15. Lone surrogates cannot be in a UTF-8 file and do not occur as values.
 */
let state = 20261123;
const random = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
};
const pick = (list) => list[random(list.length)];

const values = ["", "a", "b", "ab", "aab", "abab", "A1", "a-b", "a--b", "1", "42", " ", "\n", "a\n",
    "\t", "é", "aéb", "ß", "ǅ", "αβ", "Σ", "٣", "\u00a0", "\ufeff", "\u2028", "😀", "a😀", "_", "-",
    "\\", "/", "{", "]", "$42", "x.y", "aaaa", "abcabc", "\u0000", "\b", "ZZ-9999"];

const atoms = ["a", "b", "c", "1", "-", " ", ".", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "[ab]", "[^ab]",
    "[a-c\\d]", "[^]", "[]", "[\\s\\S]", "[^\\s]", "[\\w-]", "[é-ü]", "\\u0061", "\\u{1F600}", "\\uD83D\\uDE00",
    "\\uD83D", "[\\uD83D\\uDE00]", "[\\u0000-\\uDFFF]", "\\x41", "\\cH", "\\0", "\\t", "\\n", "\\/", "\\\\", "\\.",
    "\\{", "\\]", "\\p{L}", "\\p{Lu}", "\\P{L}", "\\p{Script=Greek}", "\\p{Nd}", "[\\p{L}\\d]", "\\p{Alphabetic}",
    "\\p{scx=Grek}", "\\p{Any}", "é", "😀", "\\B", "\\b", "^", "$", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)",
    "(?=.*b)", "(?<![a-z])", "\\1", "\\2", "\\k<n>", "(?<n>a)", "(a|b)", "(?:ab)", "(?:a|)", "()",
    /* wrong, some of them only in their place */
    "{", "]", "*", "(?i:a)", "\\-", "\\a", "\\_", "\\8", "\\c1", "\\u12", "\\p{Foo}", "[b-a]", "[\\d-z]",
    "(", ")", "[", "(?>a)", "\\00", "(?<n>b)"];
const quantifiers = ["", "", "", "", "*", "+", "?", "*?", "+?", "{2}", "{0,1}", "{1,}", "{2,3}?", "{3,2}", "{,2}", "**"];

const term = (depth) => {
    const kind = random(10);
    let atom = pick(atoms.slice(0, random(4) ? 67 : atoms.length));
    if (depth > 0 && kind === 0) atom = "(" + alternatives(depth - 1) + ")";
    if (depth > 0 && kind === 1) atom = "(?:" + alternatives(depth - 1) + ")";
    if (depth > 0 && kind === 2) atom = pick(["(?=", "(?!", "(?<=", "(?<!"]) + alternatives(depth - 1) + ")";
    return atom + pick(quantifiers.slice(0, random(4) ? 13 : quantifiers.length));
};
const sequence = (depth) => Array.from({ length: 1 + random(3) }, () => term(depth)).join("");
const alternatives = (depth) => Array.from({ length: 1 + random(2) * random(2) }, () => sequence(depth)).join("|");

const line = (pattern) => {
    let re = null;
    try {
        re = new RegExp(pattern, "u");
    } catch (e) {
        return JSON.stringify(pattern) + "\twrong\t";
    }
    return JSON.stringify(pattern) + "\tok\t" + values.map((v) => (re.test(v) ? "1" : "0")).join("");
};

const seen = new Set();
for (const atom of atoms) for (const q of quantifiers) seen.add(atom + q);
while (seen.size < 4000) {
    const p = (random(3) ? "" : "^") + alternatives(2) + (random(3) ? "" : "$");
    if (p.length < 60) seen.add(p);
}
console.log(values.map((v) => JSON.stringify(v)).join("\t"));
for (const p of seen) console.log(line(p));
