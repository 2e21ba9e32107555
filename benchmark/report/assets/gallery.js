// The samples on the page: a stretch of those chosen, which grows at its ends when the reader comes near them.

const STEP = 24;
let chosen = [];
let start = 0;
let end = 0;

const place = $("samples");
const cards = indices => indices.map(card);

function showFrom(position) {
    start = Math.max(0, position - (position % STEP));
    end = Math.min(chosen.length, start + STEP);
    place.replaceChildren(...cards(chosen.slice(start, end)));
    ends();
}

function later() {
    place.append(...cards(chosen.slice(end, end + STEP)));
    end = Math.min(chosen.length, end + STEP);
    ends();
}

function earlier() {
    const first = place.firstElementChild;
    const top = first?.getBoundingClientRect().top ?? 0;
    place.prepend(...cards(chosen.slice(Math.max(0, start - STEP), start)));
    start = Math.max(0, start - STEP);
    ends();
    if (first) scrollBy({top: first.getBoundingClientRect().top - top, behavior: "instant"});
}

function ends() {
    $("earlier").hidden = start === 0;
    $("later").hidden = end === chosen.length;
}

function say(text) {
    $("status").textContent = text;
}

function update() {
    chosen = selection();
    showFrom(0);
    const total = DATA.samples.length;
    say(chosen.length === total ? `${total} samples` : `${chosen.length} of ${total} samples`);
    writeAddress();
}

function go(index) {
    // Show a sample, whatever is filtered: a link to it must lead to it.
    if (!chosen.includes(index)) {
        Object.assign(state, FIRST, {hidden: state.hidden});
        fillControls();
        update();
        say(`the filters hid sample ${DATA.samples[index].id}: they are off now`);
    }
    const position = chosen.indexOf(index);
    if (position < start || position >= end + STEP) showFrom(position);
    else if (position >= end) later();
    const shown = place.children[position - start];
    state.sample = DATA.samples[index].id;
    writeAddress();
    shown.focus({preventScroll: true});
    shown.scrollIntoView({block: "start", behavior: "instant"});
}

function step(by) {
    const current = chosen.indexOf(byId.get(state.sample) ?? -1);
    const next = current < 0 ? 0 : current + by;
    if (next >= 0 && next < chosen.length) go(chosen[next]);
}

new IntersectionObserver(entries => {
    if (entries.some(entry => entry.isIntersecting)) later();
}, {rootMargin: "0px 0px 1200px"}).observe($("later"));
$("later").addEventListener("click", later);
$("earlier").addEventListener("click", earlier);
place.addEventListener("click", event => {
    const link = event.target.closest("a.link");
    if (!link) return;
    event.preventDefault();
    go(Number(link.closest("article").dataset.index));
});
place.addEventListener("focusin", event => {
    const article = event.target.closest("article");
    if (article) state.sample = DATA.samples[article.dataset.index].id;
});
