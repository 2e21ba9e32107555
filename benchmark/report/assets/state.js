// What is searched, filtered, sorted and looked at, and the address that says so. Addresses can be sent to others.

const FIRST = {q: "", sort: "", metric: DATA.rankedBy, captioner: "", order: "down", group: "", flag: "", show: "", sample: ""};
const FIELDS = ["q", "sort", "metric", "captioner", "order", "group", "flag", "show"];
const state = {...FIRST, hidden: new Set()};

function readAddress() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(FIRST)) state[key] = parameters.get(key) ?? FIRST[key];
    state.hidden = new Set(parameters.getAll("hide").map(name => DATA.captioners.indexOf(name)).filter(i => i >= 0));
}

function address() {
    const parameters = new URLSearchParams();
    for (const key of Object.keys(FIRST)) if (state[key] !== FIRST[key]) parameters.set(key, state[key]);
    for (const index of state.hidden) parameters.append("hide", DATA.captioners[index]);
    return `#${parameters}`;
}

let timer = 0;
function writeAddress() {
    // Browsers refuse hundreds of changes in a row.
    clearTimeout(timer);
    timer = setTimeout(() => {
        if (address() !== (location.hash || "#")) history.replaceState(null, "", address());
    }, 150);
}
