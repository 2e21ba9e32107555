// One sample: its drawing and references, and what every captioner said, side by side.

const LONG = 400;

function chips(names, kind) {
    return names.length ? el("ul", {class: "chips", "aria-label": kind}, ...names.map(name => el("li", {}, name))) : null;
}

function whole(summary, text) {
    return el("details", {}, el("summary", {}, summary), el("p", {class: "raw", dir: "auto"}, text));
}

function captionOf(answer) {
    const text = answer.caption;
    if (!text.trim()) return [el("p", {class: "caption none"}, "(no caption)")];
    if (text.length <= LONG) return [el("p", {class: "caption", dir: "auto"}, text)];
    return [el("p", {class: "caption", dir: "auto"}, `${text.slice(0, LONG)}…`), whole("whole caption", text)];
}

function answerOf(sample, index, best) {
    const answer = sample.answers[index];
    const marker = el("span", {class: `swatch c${DATA.colours[index]}`, "aria-hidden": "true"});
    const scores = DATA.columns.map((column, i) => {
        const score = answer.scores[i] ?? null;
        const text = score === null ? "n/a" : score.toFixed(3);
        const top = score !== null && score === best[i];
        const classes = [top ? "best" : "", DATA.mainColumns.includes(column) ? "" : "extra"].join(" ").trim();
        return el("div", {class: classes || null}, el("dt", {}, column), el("dd", {}, text));
    });
    return el("li", {},
        el("h4", {}, marker, " ", DATA.captioners[index]),
        el("div", {class: "said"},
            ...captionOf(answer),
            answer.error ? el("p", {class: "error", dir: "auto"}, answer.error) : null,
            answer.heldOut == null ? null : el("p", {class: "hint"}, `this is reference ${answer.heldOut + 1}, held out`),
            chips(answer.flags ?? [], "Flags"),
            answer.raw ? whole("raw text", answer.raw) : null),
        el("dl", {class: "scores"}, ...scores));
}

function drawingOf(sample) {
    if (!sample.picture) return el("p", {class: "undrawn"}, "could not be drawn");
    const alt = `Drawing: ${sample.references[0] ?? sample.id}`;
    return el("img", {src: sample.picture, alt, width: 224, height: 224, decoding: "async"});
}

function card(index) {
    const sample = DATA.samples[index];
    const captioners = shownCaptioners();
    // The best of those shown, in bold; not where all are the same.
    const best = DATA.columns.map((_, column) => {
        const scores = scoresOf(sample, captioners, column);
        const top = Math.max(...scores);
        return scores.some(score => score < top) ? top : NaN;
    });
    const notes = Object.entries(sample.drawing).map(([kind, text]) => `${kind}: ${text}`);
    const title = `sample-${index}`;
    return el("article", {class: "sample", tabindex: "-1", "aria-labelledby": title, "data-index": index},
        el("header", {},
            el("h3", {id: title, dir: "auto"}, sample.id),
            sample.group ? el("span", {class: "group", dir: "auto"}, sample.group) : null,
            el("a", {class: "link", href: `#${new URLSearchParams({sample: sample.id})}`,
                "aria-label": `Link to sample ${sample.id}`}, "link")),
        el("div", {class: "drawing"},
            drawingOf(sample),
            chips(notes, "The drawing"),
            el("ul", {class: "references", "aria-label": "References"},
                ...sample.references.map(text => el("li", {dir: "auto"}, text)))),
        el("ul", {class: "answers", "aria-label": "Captions"}, ...captioners.map(i => answerOf(sample, i, best))));
}
