// One metric against another, a plot for each captioner, a dot for each sample.

const SIDE = 220;
const EDGE = 8;

function ranks(values) {
    // Equal values share the mean of their ranks.
    const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
    const result = new Array(values.length);
    for (let i = 0; i < order.length;) {
        let j = i;
        while (j < order.length && values[order[j]] === values[order[i]]) j++;
        for (let k = i; k < j; k++) result[order[k]] = (i + j - 1) / 2;
        i = j;
    }
    return result;
}

function spearman(xs, ys) {
    const [a, b] = [ranks(xs), ranks(ys)];
    const mean = (xs.length - 1) / 2;
    let [ab, aa, bb] = [0, 0, 0];
    a.forEach((x, i) => {
        ab += (x - mean) * (b[i] - mean);
        aa += (x - mean) ** 2;
        bb += (b[i] - mean) ** 2;
    });
    return aa && bb ? ab / Math.sqrt(aa * bb) : NaN;
}

function pointsOf(captioner, x, y) {
    return DATA.samples
        .map((sample, index) => [sample.answers[captioner].scores[x] ?? null, sample.answers[captioner].scores[y] ?? null, index])
        .filter(([a, b]) => a !== null && b !== null);
}

function drawScatter() {
    const names = [$("scatter-x").value, $("scatter-y").value];
    const [x, y] = names.map(name => DATA.columns.indexOf(name));
    const all = DATA.captioners.map((_, captioner) => pointsOf(captioner, x, y));
    const top = side => all.flat().reduce((highest, point) => Math.max(highest, point[side]), 0) || 1;
    const highest = [top(0), top(1)];
    const figures = all.map((points, captioner) => scatterOf(captioner, points, names, highest));
    $("scatter").querySelector(".plots").replaceChildren(...figures);
}

function scatterOf(captioner, points, names, highest) {
    const name = DATA.captioners[captioner];
    const rho = spearman(points.map(p => p[0]), points.map(p => p[1]));
    const said = `ρ = ${Number.isNaN(rho) ? "undefined" : rho.toFixed(2)}`;
    const scale = window.devicePixelRatio || 1;
    const canvas = el("canvas", {width: SIDE * scale, height: SIDE * scale, role: "img", class: `c${DATA.colours[captioner]}`,
        "aria-label": `${names[1]} against ${names[0]} of ${points.length} captions of ${name}: ${said}`});
    const at = ([a, b]) => [EDGE + (a / highest[0]) * (SIDE - 2 * EDGE), SIDE - EDGE - (b / highest[1]) * (SIDE - 2 * EDGE)];
    requestAnimationFrame(() => {
        const pen = canvas.getContext("2d");
        pen.scale(scale, scale);
        pen.globalAlpha = 0.6;
        pen.fillStyle = getComputedStyle(canvas).color;
        for (const point of points) {
            pen.beginPath();
            pen.arc(...at(point), 3, 0, 7);
            pen.fill();
        }
    });
    canvas.addEventListener("click", event => {
        const distance = point => {
            const [px, py] = at(point);
            return Math.hypot(px - event.offsetX, py - event.offsetY);
        };
        const nearest = points.reduce((best, point) => (distance(point) < distance(best) ? point : best), points[0]);
        if (nearest && distance(nearest) < 12) go(nearest[2]);
    });
    return el("figure", {}, el("h4", {}, name), canvas,
        el("figcaption", {}, `${names[0]} 0–${highest[0].toFixed(2)} across, ${names[1]} 0–${highest[1].toFixed(2)} up; ${said}`));
}
