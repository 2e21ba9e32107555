// Tables that are sorted by a click on the head of a column; what has no value stays last.

function sortTable(head) {
    const table = head.closest("table");
    const column = head.cellIndex;
    const old = head.getAttribute("aria-sort");
    // Numbers are first sorted from the highest on, names and ranks from the lowest.
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const order = old === null ? first : old === "ascending" ? "descending" : "ascending";
    for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const value = row => row.cells[column].dataset.value ?? "";
    const turn = order === "ascending" ? 1 : -1;
    const compare = (a, b) => (Number.isNaN(a - b) ? a.localeCompare(b, "en", {numeric: true}) : a - b);
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        return (x === "") - (y === "") || turn * compare(x, y);
    });
    table.tBodies[0].append(...rows);
}

for (const table of document.querySelectorAll("table.sortable")) {
    table.tHead.addEventListener("click", event => {
        const button = event.target.closest("button");
        if (button) sortTable(button.closest("th"));
    });
}

$("groups-column")?.addEventListener("change", event => {
    for (const table of document.querySelectorAll("#groups table")) table.hidden = table.dataset.column !== event.target.value;
});
