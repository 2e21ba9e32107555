// Which samples are shown, and in which order.

let texts = null;

function textOf(index) {
    texts ??= DATA.samples.map(sample => [
        sample.id,
        ...sample.references,
        ...sample.answers.flatMap(answer => [answer.caption, answer.raw ?? ""]),
    ].join("\n").toLowerCase());
    return texts[index];
}

function shownCaptioners() {
    return DATA.captioners.map((_, index) => index).filter(index => !state.hidden.has(index));
}

function scoresOf(sample, captioners, column) {
    return captioners.map(index => sample.answers[index].scores[column] ?? null).filter(score => score !== null);
}

function spread(sample, captioners, column) {
    const scores = scoresOf(sample, captioners, column);
    return scores.length > 1 ? Math.max(...scores) - Math.min(...scores) : null;
}

const DISAGREEMENTS = {
    differ: (sample, captioners) =>
        new Set(captioners.map(index => sample.answers[index].caption.trim().replace(/[.!]+$/, "").toLowerCase())).size > 1,
    upset: (sample, captioners, column) => {
        const [first, ...others] = captioners.map(index => sample.answers[index].scores[column] ?? null);
        return first !== null && others.some(score => score > first);
    },
};

function flagged(sample, captioners, flag) {
    return flag in sample.drawing || captioners.some(index => sample.answers[index].flags?.includes(flag));
}

function selection() {
    const captioners = shownCaptioners();
    const column = DATA.columns.indexOf(state.metric);
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const disagree = DISAGREEMENTS[state.show];
    const chosen = DATA.samples.map((_, index) => index).filter(index => {
        const sample = DATA.samples[index];
        return (state.group === "" || `=${sample.group}` === state.group)
            && (state.flag === "" || flagged(sample, captioners, state.flag))
            && (!disagree || disagree(sample, captioners, column))
            && words.every(word => textOf(index).includes(word));
    });
    const captioner = DATA.captioners.indexOf(state.captioner);
    const keys = {
        score: sample => sample.answers[Math.max(captioner, 0)]?.scores[column] ?? null,
        spread: sample => spread(sample, captioners, column),
    };
    const turn = state.order === "up" ? 1 : -1;
    if (state.sort === "id") {
        const collator = new Intl.Collator("en", {numeric: true});
        chosen.sort((a, b) => turn * collator.compare(DATA.samples[a].id, DATA.samples[b].id));
    } else if (state.sort in keys) {
        const key = new Map(chosen.map(index => [index, keys[state.sort](DATA.samples[index])]));
        const missing = index => key.get(index) === null;
        chosen.sort((a, b) => missing(a) - missing(b) || turn * (key.get(a) - key.get(b)) || a - b);
    }
    return chosen;
}
