/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables sorted by a click on a heading: up, down, as they were. Without this script they are read as they stand.
   What is folded is unfolded on paper. */
(function () {
  'use strict';
  function key(row, column) {
    var cell = row.cells[column];
    if (!cell) return null;
    if (cell.hasAttribute('data-v')) return parseFloat(cell.getAttribute('data-v'));
    var text = cell.textContent.trim();
    return text === '' || text.charAt(0) === '-' ? null : text;
  }
  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), 'en', {numeric: true});
  }
  function sort(table, column, way) {
    var bodies = Array.prototype.slice.call(table.tBodies);
    bodies.sort(function (a, b) {
      var x = key(a.rows[0], column), y = key(b.rows[0], column);
      if (way === 'none') return a.l4rPlace - b.l4rPlace;
      if (x === null || y === null) return (x === null) - (y === null) || a.l4rPlace - b.l4rPlace;
      return (way === 'ascending' ? compare(x, y) : compare(y, x)) || a.l4rPlace - b.l4rPlace;
    });
    bodies.forEach(function (body) { table.appendChild(body); });
  }
  function prepare(table) {
    if (!table.tHead || table.tBodies.length < 2) return;
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    Array.prototype.forEach.call(table.tBodies, function (body, i) { body.l4rPlace = i; });
    heads.forEach(function (head, column) {
      var button = document.createElement('button');
      button.type = 'button';
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      head.setAttribute('aria-sort', 'none');
      button.addEventListener('click', function () {
        var was = head.getAttribute('aria-sort');
        var way = was === 'none' ? 'ascending' : was === 'ascending' ? 'descending' : 'none';
        heads.forEach(function (other) { other.setAttribute('aria-sort', 'none'); });
        head.setAttribute('aria-sort', way);
        sort(table, column, way);
      });
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll('table.sort'), prepare);
  var folded = [];
  window.addEventListener('beforeprint', function () {
    folded = Array.prototype.slice.call(document.querySelectorAll('details:not([open])'));
    folded.forEach(function (one) { one.open = true; });
  });
  window.addEventListener('afterprint', function () {
    folded.forEach(function (one) { one.open = false; });
  });
})();
