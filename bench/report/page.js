/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables sorted by a click on a heading: up, down, as they were. Without this script they are read as they stand.
   Rows are searched and chosen, and a point of a figure leads to its row. What is folded stays folded on paper. */
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

  /* A search over rows, and arm, machine and scenario to choose. What does not fit is hidden, and dimmed in figures. */
  var groups = Array.prototype.slice.call(document.querySelectorAll('details.group'));
  var chosen = {text: '', arm: '', machine: '', scenario: ''};
  function armOf(body) {
    var code = body.rows[0].cells[0].querySelector('code');
    return code ? code.textContent : '';
  }
  function apply() {
    var shown = 0, all = 0, words = chosen.text.toLowerCase();
    groups.forEach(function (group) {
      var fits = (!chosen.machine || group.dataset.machine === chosen.machine) &&
        (!chosen.scenario || group.dataset.scenario === chosen.scenario);
      var title = group.querySelector('summary').textContent.toLowerCase(), rows = 0;
      Array.prototype.forEach.call(group.querySelectorAll('tbody'), function (body) {
        var arm = armOf(body);
        body.hidden = !fits || (chosen.arm && arm !== chosen.arm) ||
          (words && (title + ' ' + body.textContent.toLowerCase()).indexOf(words) < 0);
        all++;
        if (!body.hidden) rows++;
      });
      Array.prototype.forEach.call(group.querySelectorAll('.chart [data-arm]'), function (mark) {
        var arm = mark.dataset.arm;
        mark.classList.toggle('away', Boolean(chosen.arm) && arm !== chosen.arm && arm.indexOf(chosen.arm + ', ') !== 0);
      });
      group.hidden = !rows;
      if (rows && (chosen.arm || words)) group.open = true;
      shown += rows;
    });
    count.textContent = shown === all ? '' : shown + ' of ' + all + ' rows';
  }
  function choice(bar, name, values) {
    var select = document.createElement('select');
    select.setAttribute('aria-label', name);
    select.add(new Option('every ' + name, ''));
    values.sort(function (a, b) { return a.localeCompare(b, 'en', {numeric: true}); }).forEach(function (value) {
      select.add(new Option(value, value));
    });
    select.addEventListener('change', function () { chosen[name] = select.value; apply(); });
    bar.appendChild(select);
  }
  function distinct(list) {
    return list.filter(function (value, i) { return value && list.indexOf(value) === i; });
  }
  var bar = document.createElement('div'), search = document.createElement('input'), count = document.createElement('output');
  bar.id = 'filter';
  search.type = 'search';
  search.placeholder = 'search rows';
  search.setAttribute('aria-label', 'search rows');
  search.addEventListener('input', function () { chosen.text = search.value.trim(); apply(); });
  bar.appendChild(search);
  choice(bar, 'arm', distinct(Array.prototype.map.call(document.querySelectorAll('details.group tbody'), armOf)));
  choice(bar, 'machine', distinct(groups.map(function (group) { return group.dataset.machine; })));
  choice(bar, 'scenario', distinct(groups.map(function (group) { return group.dataset.scenario; })));
  bar.appendChild(count);
  var first = document.getElementById('latency');
  if (groups.length && first) first.parentNode.insertBefore(bar, first);

  /* A point leads to its row, which may be folded. */
  function unfold() {
    var row = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (var at = row; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    if (row && row.tagName === 'TBODY') row.scrollIntoView({block: 'center'});
  }
  window.addEventListener('hashchange', unfold);
  unfold();
})();
