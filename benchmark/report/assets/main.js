// What the reader does, and what follows from it.

function fillControls() {
    for (const key of FIELDS) {
        $(key).value = state[key];
        if ($(key).selectedIndex === -1) {
            state[key] = FIRST[key];
            $(key).value = FIRST[key];
        }
    }
    for (const box of $("captioners").querySelectorAll("input")) box.checked = !state.hidden.has(Number(box.value));
    $("captioner").disabled = state.sort !== "score";
    $("order").disabled = state.sort === "";
}

function takeControls() {
    for (const key of FIELDS) state[key] = $(key).value;
    const boxes = [...$("captioners").querySelectorAll("input")];
    state.hidden = new Set(boxes.filter(box => !box.checked).map(box => Number(box.value)));
    state.sample = "";
    fillControls();
    update();
}

function openAddress() {
    readAddress();
    fillControls();
    const {sample} = state;
    update();
    if (sample && byId.has(sample)) go(byId.get(sample));
    else if (sample) say(`there is no sample ${sample} in this report`);
}

const THEMES = {system: "as the system", light: "light", dark: "dark"};
function setTheme(name) {
    const theme = name in THEMES ? name : "system";
    document.documentElement.dataset.theme = theme;
    $("theme").textContent = `Theme: ${theme}`;
    $("theme").setAttribute("aria-label", `Theme: ${THEMES[theme]}`);
    if (!$("scatter").hidden) drawScatter();
}

$("theme").addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    stored("theme", next);
    setTheme(next);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(document.documentElement.dataset.theme));

$("help-open").addEventListener("click", () => $("help").showModal());
$("keys").addEventListener("change", () => stored("keys", $("keys").checked ? "on" : "off"));
$("keys").checked = stored("keys") !== "off";

document.addEventListener("keydown", event => {
    if ($("help").open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === $("q")) {
        $("q").value = "";
        takeControls();
        $("q").blur();
        return;
    }
    const writing = event.target.closest("input[type=search], select, textarea");
    if (writing || !$("keys").checked) return;
    const actions = {
        j: () => step(1),
        k: () => step(-1),
        "/": () => $("q").focus(),
        "?": () => $("help").showModal(),
    };
    if (event.key in actions) {
        event.preventDefault();
        actions[event.key]();
    }
});

$("controls").addEventListener("input", takeControls);
$("controls").addEventListener("submit", event => event.preventDefault());
$("controls").addEventListener("reset", () => setTimeout(() => {
    Object.assign(state, FIRST, {hidden: new Set()});
    fillControls();
    update();
}));
addEventListener("hashchange", () => {
    // Links within the page lead to its sections; all others say what is to be shown.
    if (!document.getElementById(location.hash.slice(1))) openAddress();
});

document.querySelector(".radar .legend")?.addEventListener("change", event => {
    const {captioner} = event.target.dataset;
    document.querySelector(`.radar .shape[data-captioner="${captioner}"]`).classList.toggle("off", !event.target.checked);
});

function setAllMetrics(on) {
    document.documentElement.classList.toggle("all-metrics", on);
}

$("all-metrics")?.addEventListener("change", event => setAllMetrics(event.target.checked));
setAllMetrics($("all-metrics")?.checked ?? true);

const columns = DATA.columns.map(name => [name, name]);
options($("metric"), columns);
options($("captioner"), DATA.captioners.map(name => [name, name]));
options($("group"), [["", "all groups"], ...DATA.groups.map(name => [`=${name}`, name || "(no group)"])]);
options($("flag"), [["", "with or without"], ...DATA.flags.map(name => [name, name])]);
FIRST.captioner = DATA.captioners[0];
if (!DATA.columns.includes(FIRST.metric)) FIRST.metric = DATA.columns[0] ?? "";
if (DATA.columns.length > 1) {
    $("scatter").hidden = false;
    const other = DATA.columns.findLast(name => name !== FIRST.metric);
    options($("scatter-x"), columns);
    options($("scatter-y"), columns);
    $("scatter-x").value = other;
    $("scatter-y").value = FIRST.metric;
    for (const axis of ["scatter-x", "scatter-y"]) $(axis).addEventListener("change", drawScatter);
}
setTheme(stored("theme"));
openAddress();
