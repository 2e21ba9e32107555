// The data of the page, and the few ways in which elements are made and found. Text from data only ever becomes the
// text of a node or the value of an attribute, never markup.

const DATA = JSON.parse(document.getElementById("data").textContent);
const byId = new Map(DATA.samples.map((sample, index) => [sample.id, index]));
const $ = id => document.getElementById(id);

function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === true) element.setAttribute(key, "");
        else if (value !== false && value != null) element.setAttribute(key, value);
    }
    element.append(...children.filter(child => child != null && child !== ""));
    return element;
}

function options(select, pairs) {
    select.replaceChildren(...pairs.map(([value, text]) => el("option", {value}, text)));
}

function stored(key, value) {
    // A page from a file may not be allowed to keep anything; then it forgets.
    try {
        if (value !== undefined) localStorage.setItem(`svg-caption-bench-${key}`, value);
        return localStorage.getItem(`svg-caption-bench-${key}`);
    } catch {
        return null;
    }
}
