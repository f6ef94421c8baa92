"use strict";
// Every text reaches the page as a text node: nothing that was scanned is ever read as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main"), map = document.getElementById("map"), nav = document.getElementById("nav");
  const SIGNS = { fail: "✕", conditional: "◇", unknown: "?", suppressed: "–", pass: "✓" };
  const PAGE = 100;
  const C = Object.fromEntries(data.columns.map((name, at) => [name, at]));
  const text = (number) => (number < 0 || number === null ? "" : data.texts[number]);
  const severityOf = (number) => data.severities[data.severities.length - 1 - number];
  const pages = [["overview", "Overview"], ["controls", "Controls"], ["checks", "Checks"], ["resources", "Resources"],
    ["results", "Results"], ["by-hand", "By hand"], ["print", "For print"], ["about", "About"]];
  if (map.firstElementChild) pages.splice(5, 0, ["map", "Map"]);

  const of = { check: new Map(), resource: new Map() };
  data.results.forEach((row, number) => {
    for (const key of ["check", "resource"]) {
      const list = of[key].get(row[C[key]]);
      if (list) list.push(number); else of[key].set(row[C[key]], [number]);
    }
  });
  const controlOf = new Map(data.controls.map((control) => [control.id, control]));
  const checkNumber = new Map(data.checks.map((check, number) => [check.id, number]));
  let haystacks = null;
  const haystack = (number) => {
    haystacks ??= new Array(data.results.length);
    return haystacks[number] ??= (() => {
      const row = data.results[number], resource = data.resources[row[C.resource]];
      return [data.checks[row[C.check]].id, text(resource[0]), text(resource[1]), text(resource[2]), text(row[C.file]),
        text(row[C.message])].join("\n").toLowerCase();
    })();
  };

  function make(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }
  const link = (hash, ...children) => make("a", { href: "#/" + hash }, ...children);
  const controlLink = (id) => link("control/" + encodeURIComponent(id), id);
  const checkLink = (number) => link("check/" + encodeURIComponent(data.checks[number].id), data.checks[number].id);
  const web = (address) => (/^https:\/\//.test(address)
    ? make("a", { href: address, rel: "noreferrer noopener" }, address) : address);
  const tag = (kind) => make("span", { class: "tag " + kind, "data-sign": SIGNS[kind] || "" }, kind);
  const STATE_KIND = { "no finding": "pass", "not examined": "quiet", "by hand": "quiet" };
  const state = (name) => {
    const kind = STATE_KIND[name] || name;
    return make("span", { class: "tag " + kind, "data-sign": SIGNS[kind] || "○" }, data.states[name]);
  };
  const total = (counts) => counts.reduce((sum, number) => sum + number, 0);
  const number = (value) => make("td", { class: value ? "n" : "n zero" }, String(value));
  const cells = (counts) => [number(total(counts)), ...counts.map(number)];
  const countHeads = () => ["examined", ...data.kinds].map((name) => ({ text: name, n: true }));
  function table(caption, heads, rows) {
    const head = heads.map((each) => make("th", { scope: "col", class: each.n ? "n" : null }, each.text || each));
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)));
  }
  const row = (first, ...rest) => make("tr", {}, make("th", { scope: "row" }, first),
    ...rest.map((each) => (each instanceof Node && each.tagName === "TD" ? each : make("td", {}, each ?? ""))));
  const list = (pairs) => make("dl", {}, ...pairs.filter(([, what]) => what).flatMap(([name, what]) =>
    [make("dt", {}, name), make("dd", {}, what)]));
  const plural = (count, name) => count.toLocaleString("en") + " " + name + (count === 1 ? "" : "s");

  function excerpt(lines) {
    const width = Math.max(0, ...lines.map(([line]) => String(line || "").length));
    const pre = make("pre", { tabindex: "0", "aria-label": "Excerpt" });
    for (const [line, content, at, long] of lines) {
      pre.append((line ? String(line) : "…").padStart(width) + " │ ");
      const characters = [...text(content)];
      if (long) pre.append(characters.slice(0, at).join(""), make("mark", {}, characters.slice(at, at + long).join("")),
        characters.slice(at + long).join(""));
      else pre.append(text(content));
      pre.append("\n");
    }
    return pre;
  }

  function result(at, open) {
    const found = data.results[at], kind = data.kinds[found[C.kind]], check = data.checks[found[C.check]];
    const resource = data.resources[found[C.resource]], suppressed = found[C.suppressed];
    const body = make("div", {});
    const item = make("details", { open: open, ontoggle: fill }, make("summary", {}, tag(kind), " ",
      make("code", {}, check.id), " ", make("span", { class: "quiet" }, severityOf(found[C.severity])), " · ", text(found[C.message]),
      make("span", { class: "where" }, text(resource[0]) + " · " + text(found[C.file]) + ":" + found[C.line])), body);
    function fill() {
      if (body.firstChild || !item.open) return;
      body.append(list([
        ["Resource", link("resource/" + found[C.resource], text(resource[0]))],
        ["Check", make("span", {}, checkLink(found[C.check]), ": " + check.title)],
        ["Property", text(found[C.property])],
        ["Fails when", text(found[C.when])],
        ["Reason", text(found[C.reason])],
        ["Note", text(found[C.note])],
        ["Suppressed", suppressed && text(suppressed[1]) + " (" + text(suppressed[0]) + (suppressed[2] ? ", until " + text(suppressed[2]) : "") + ")"],
        ["Fingerprint", kind === "pass" ? "" : make("code", {}, found[C.fingerprint])],
      ]));
      if (found[C.excerpt].length) body.append(excerpt(found[C.excerpt]));
      if (found[C.related].length) body.append(make("p", {}, "How it came to that:"), make("ul", {},
        ...found[C.related].map(([file, line, message]) => make("li", {}, text(message) + " (" + text(file) + ":" + line + ")"))));
      if (kind === "fail" || kind === "conditional") body.append(list([["Risk", check.risk], ["Repair", check.remediation]]));
    }
    if (open) fill();
    return make("li", {}, item);
  }

  // A list that shows its first hundred and more when asked; printing shows all of it.
  function results(numbers, opened) {
    const items = make("ol", { class: "results" });
    const more = make("button", { type: "button", class: "more", onclick: () => add(PAGE, true) });
    let shown = 0;
    function add(count, move) {
      const first = shown;
      const part = numbers.slice(shown, shown + count).map((at) => result(at, opened));
      items.append(...part);
      shown += part.length;
      more.hidden = shown >= numbers.length;
      more.textContent = "Show " + Math.min(PAGE, numbers.length - shown) + " more of " + (numbers.length - shown);
      if (move && items.children[first]) items.children[first].querySelector("summary").focus();
    }
    add(PAGE);
    whole.push(() => add(numbers.length));
    return make("div", {}, items, more);
  }
  let whole = [];
  window.addEventListener("beforeprint", () => {
    whole.forEach((add) => add());
    main.querySelectorAll("details").forEach((item) => { item.open = true; item.dispatchEvent(new Event("toggle")); });
  });

  const option = (value, label, chosen) => make("option", { value: value, selected: value === chosen }, label);
  function filters(fields, chosen, changed) {
    const form = make("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() });
    let timer = 0;
    const report = () => {
      const values = {};
      for (const node of form.querySelectorAll("[name]")) if (node.value) values[node.name] = node.value;
      changed(values);
    };
    for (const [name, label, options] of fields) {
      const node = options
        ? make("select", { name: name, onchange: report }, option("", "all"), ...options.map(([value, shown]) => option(value, shown, chosen[name])))
        : make("input", { type: "search", name: name, value: chosen[name], autocomplete: "off", spellcheck: "false",
          oninput: () => { clearTimeout(timer); timer = setTimeout(report, 120); } });
      form.append(make("label", {}, label, node));
    }
    return form;
  }
  const words = (query) => (query || "").toLowerCase().split(/\s+/).filter(Boolean);
  // Filters stand in the address, so that a view can be kept and sent; typing leaves the history alone.
  const keep = (page, values) => history.replaceState(null, "", "#/" + page + (Object.keys(values).length ? "?" + new URLSearchParams(values) : ""));

  function matching(values) {
    const kind = values.kind ? data.kinds.indexOf(values.kind) : -1;
    const severity = values.severity ? data.severities.length - 1 - data.severities.indexOf(values.severity) : -1;
    const check = values.check ? checkNumber.get(values.check) ?? -2 : -1;
    const control = values.control ? new Set((controlOf.get(values.control)?.checks || []).map(([at]) => at)) : null;
    const wanted = words(values.q), found = [];
    data.results.forEach((each, at) => {
      if (kind >= 0 && each[C.kind] !== kind) return;
      if (severity >= 0 && each[C.severity] !== severity) return;
      if (check !== -1 && each[C.check] !== check) return;
      if (control && !control.has(each[C.check])) return;
      if (values.root && text(data.resources[each[C.resource]][2]) !== values.root) return;
      if (wanted.length && !wanted.every((word) => haystack(at).includes(word))) return;
      found.push(at);
    });
    return found.sort((a, b) => data.results[a][C.kind] - data.results[b][C.kind]
      || data.results[b][C.severity] - data.results[a][C.severity] || a - b);
  }
  function searchable(page, fields, chosen, draw) {
    const status = make("p", { role: "status", "aria-live": "polite" }), body = make("div", {});
    const show = (values) => {
      whole = [];
      const [count, node] = draw(values);
      status.textContent = count;
      body.replaceChildren(node);
    };
    show(chosen);
    return [filters(fields, chosen, (values) => { keep(page, values); show(values); }), status, body];
  }
  const roots = () => [...new Set(data.resources.map((each) => text(each[2])))].sort();
  const same = (names) => names.map((name) => [name, name]);

  const bar = (counts) => {
    const image = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    image.setAttribute("viewBox", "0 0 100 8"); image.setAttribute("width", "110"); image.setAttribute("height", "9");
    image.setAttribute("aria-hidden", "true"); image.setAttribute("preserveAspectRatio", "none");
    let at = 0;
    counts.forEach((count, kind) => {
      const part = document.createElementNS("http://www.w3.org/2000/svg", "rect"), width = 100 * count / (total(counts) || 1);
      part.setAttribute("x", at); part.setAttribute("width", width); part.setAttribute("height", 8);
      part.setAttribute("class", data.kinds[kind]); part.setAttribute("fill", "currentColor");
      image.append(part); at += width;
    });
    return image;
  };

  function controlsTable(controls, caption) {
    return table(caption, ["Control", "Title", "Status", "State", ...countHeads(), { text: "by hand", n: true }],
      controls.map((control) => row(controlLink(control.id), control.title, control.status, make("td", {}, state(control.state), total(control.counts) ? bar(control.counts) : ""), ...cells(control.counts), number(control.manual.length))));
  }
  function attested(numbers) {
    return numbers.map((at) => {
      const one = data.attestations[at];
      return make("li", {}, make("strong", {}, one.open ? "Attestation not in force: " : "Attested: "), one.subjects.join(", ") + " by " + one.owner + " on " + one.date
        + (one.until ? ", until " + one.until : "") + ". Evidence: ", web(one.evidence), one.note ? ". " + one.note : "");
    });
  }
  function manualList(numbers) {
    return make("ul", {}, ...numbers.map((at) => {
      const one = data.manual[at];
      return make("li", {}, make("strong", {}, one.title), " (" + one.who + "). " + one.shown_by,
        one.attested.length ? make("ul", {}, ...attested(one.attested)) : null);
    }));
  }
  function assumedBy() {
    return data.assumptions.length ? [make("h3", {}, "Assumed settings of the account"),
      make("p", {}, "These were taken as declared in every root, because the configuration vouches for them."),
      make("ul", {}, ...data.assumptions.map((one) => make("li", {}, make("code", {}, one.type), ": " + one.reason, one.checks.length ? " Asked by " : "", ...one.checks.flatMap((id) => [checkLink(checkNumber.get(id)), " "]))))] : [];
  }

  function controlBody(control, heading, forPrint) {
    const numbers = control.checks.flatMap(([at]) => of.check.get(at) || []);
    const open = numbers.filter((at) => data.kinds[data.results[at][C.kind]] !== "pass");
    const order = (list) => list.slice().sort((a, b) => data.results[a][C.kind] - data.results[b][C.kind] || data.results[b][C.severity] - data.results[a][C.severity] || a - b);
    return [
      list([["Framework", data.frameworks[control.framework]], ["Safeguard", control.safeguard], ["Kind", control.kind.replace(/-/g, " ")],
        ["Status", control.status && control.status + (control.status === "addressable" ? " (implement it, or document why not and what is done instead)" : "")],
        ["State", state(control.state)], ["Note", control.note]]),
      control.proposed ? make("p", { class: "proposed" }, make("strong", {}, "Proposed, not in force: "), control.proposed) : null,
      make(heading, {}, "Checks that serve it, and why"),
      control.checks.length ? table("Checks of " + control.id, ["Check", "Severity", "Why", ...countHeads()],
        control.checks.map(([at, why]) => row(checkLink(at), data.checks[at].severity, why, ...cells(data.checks[at].counts))))
        : make("p", {}, control.elsewhere.length ? "None of its checks was asked in this run." : "No check: nothing in a template shows it."),
      control.elsewhere.length ? make("p", {}, "Not asked in this run: " + control.elsewhere.join(", ") + ".") : null,
      make(heading, {}, "To be shown by hand"),
      control.manual.length ? manualList(control.manual) : make("p", {}, "The catalogue lists nothing."),
      control.attested.length ? make("ul", {}, ...attested(control.attested.filter((at) => data.attestations[at].subjects.includes(control.id)))) : null,
      make(heading, {}, forPrint ? "Results that are no pass" : "Resources examined"),
      forPrint ? make("ul", {}, ...order(open).map((at) => {
        const found = data.results[at], suppressed = found[C.suppressed];
        return make("li", {}, tag(data.kinds[found[C.kind]]), " ", make("code", {}, data.checks[found[C.check]].id), " " + text(found[C.message])
          + " (" + text(found[C.file]) + ":" + found[C.line] + ")" + (text(found[C.when]) ? "; " + text(found[C.when]) : "")
          + (suppressed ? "; suppressed: " + text(suppressed[1]) + (suppressed[2] ? ", until " + text(suppressed[2]) : "") : ""));
      })) : numbers.length ? results(order(numbers)) : make("p", {}, "None."),
    ];
  }

  const views = {
    overview() {
      const counts = data.kinds.map((_, kind) => data.results.filter((each) => each[C.kind] === kind).length);
      const bySeverity = data.severities.map((severity, at) => row(link("results?severity=" + severity, severity), ...cells(data.kinds.map((_, kind) =>
        data.results.filter((each) => each[C.kind] === kind && each[C.severity] === data.severities.length - 1 - at).length))));
      const matrices = Object.entries(data.frameworks).map(([framework, title]) => {
        const own = data.controls.filter((control) => control.framework === framework);
        const groups = [...new Set(own.map((control) => control.safeguard))];
        const names = Object.keys(data.states);
        return table(title + ": controls and how they stand", ["Part", ...names.map((name) => ({ text: data.states[name], n: true })), { text: "all", n: true }],
          groups.map((group) => {
            const part = own.filter((control) => control.safeguard === group);
            return row(group || "all", ...names.map((name) => {
              const count = part.filter((control) => control.state === name).length;
              const cell = number(count);
              if (count) cell.replaceChildren(link("controls?" + new URLSearchParams({ framework, state: name, ...(group ? { safeguard: group } : {}) }), String(count)));
              return cell;
            }), number(part.length));
          }));
      });
      const errors = data.diagnostics.filter((each) => each.severity === "error");
      return [make("h2", {}, "Overview"),
        make("p", {}, plural(data.summary.resources, "resource") + " in " + plural(data.summary.roots, "root") + ", " + plural(data.summary.judged, "resource") + " judged by "
          + plural(data.summary.checks, "check") + ", " + data.summary.date + ". Passing is no certification."),
        make("ul", { class: "cards" }, ...data.kinds.map((kind, at) => make("li", {}, link("results?kind=" + kind, make("b", { class: kind }, String(counts[at])), tag(kind))))),
        errors.length ? make("p", { class: "fail" }, plural(errors.length, "error") + ": not everything could be judged; see ", link("about", "About"), ".") : null,
        data.summary.not_judged.length ? make("p", { class: "unknown" }, data.summary.not_judged.length + " not loaded, hence not judged; see ", link("about", "About"), ".") : null,
        ...matrices, table("Results by severity", ["Severity", ...countHeads()], bySeverity)];
    },
    controls(_, chosen) {
      const unique = (key) => [...new Set(data.controls.map((control) => control[key]).filter(Boolean))];
      return [make("h2", {}, "Controls"), ...searchable("controls", [["q", "Search"], ["framework", "Framework", Object.entries(data.frameworks)],
        ["state", "State", Object.entries(data.states)], ["status", "Status", same(unique("status"))], ["safeguard", "Part", same(unique("safeguard"))]], chosen, (values) => {
        const wanted = words(values.q);
        const found = data.controls.filter((control) => ["framework", "state", "status", "safeguard"].every((key) => !values[key] || control[key] === values[key])
          && wanted.every((word) => (control.id + " " + control.title).toLowerCase().includes(word)));
        return [plural(found.length, "control"), controlsTable(found, "Controls: a result counts for each control that its check serves")];
      })];
    },
    control(id) {
      const control = controlOf.get(id);
      if (!control) return null;
      return [make("h2", {}, control.id + ": " + control.title), make("p", {}, link("results?" + new URLSearchParams({ control: id }), "Its results, to search and filter")),
        ...controlBody(control, "h3", false)];
    },
    checks(_, chosen) {
      return [make("h2", {}, "Checks"), ...searchable("checks", [["q", "Search"], ["severity", "Severity", same(data.severities)], ["examined", "Examined", [["yes", "something"], ["no", "nothing"]]]], chosen, (values) => {
        const wanted = words(values.q);
        const found = data.checks.map((check, at) => [check, at]).filter(([check]) => (!values.severity || check.severity === values.severity)
          && (!values.examined || (values.examined === "yes") === (total(check.counts) > 0)) && wanted.every((word) => (check.id + " " + check.title).toLowerCase().includes(word)));
        return [plural(found.length, "check"), table("Checks", ["Check", "Title", "Severity", ...countHeads(), { text: "does not apply", n: true }],
          found.map(([check, at]) => row(checkLink(at), check.title, check.severity, ...cells(check.counts), number(check.not_applicable))))];
      })];
    },
    check(id) {
      const at = checkNumber.get(id), check = data.checks[at];
      if (!check) return null;
      const serves = data.controls.flatMap((control) => control.checks.filter(([each]) => each === at).map(([, why]) => row(controlLink(control.id), control.title, why)));
      const numbers = (of.check.get(at) || []).slice().sort((a, b) => data.results[a][C.kind] - data.results[b][C.kind] || a - b);
      return [make("h2", {}, check.id), make("p", {}, check.title + "."), list([["Severity", check.severity], ["Asked of", check.types.join(", ")], ["Risk", check.risk], ["Repair", check.remediation],
        ["References", check.references.length ? make("ul", {}, ...check.references.map((each) => make("li", {}, web(each)))) : ""]]),
      table("Controls that it serves", ["Control", "Title", "Why"], serves), table("Results", countHeads(), [make("tr", {}, ...cells(check.counts))]), results(numbers)];
    },
    resources(_, chosen) {
      return [make("h2", {}, "Resources"), ...searchable("resources", [["q", "Search"], ["root", "Root", same(roots())], ["kind", "With a result", same(data.kinds)]], chosen, (values) => {
        const wanted = words(values.q), found = [];
        data.resources.forEach((resource, at) => {
          if (values.root && text(resource[2]) !== values.root) return;
          if (!wanted.every((word) => [0, 1, 2, 3, 4].some((part) => text(resource[part]).toLowerCase().includes(word)))) return;
          const counts = data.kinds.map(() => 0);
          for (const each of of.resource.get(at)) counts[data.results[each][C.kind]]++;
          if (!values.kind || counts[data.kinds.indexOf(values.kind)]) found.push([resource, at, counts]);
        });
        let shown = PAGE * 2;
        const box = make("div", {});
        const draw = () => box.replaceChildren(table("Resources", ["Resource and root", "Type", ...countHeads()], found.slice(0, shown).map(([resource, at, counts]) =>
          row(make("span", {}, link("resource/" + at, text(resource[0])), make("span", { class: "where" }, text(resource[2]) + (text(resource[3]) ? " (" + text(resource[3]) + ")" : ""))),
            text(resource[1]), ...cells(counts)))),
        found.length > shown ? make("button", { type: "button", class: "more", onclick: () => { shown += PAGE * 2; draw(); } }, "Show more of " + found.length) : "");
        draw();
        whole.push(() => { shown = found.length; draw(); });
        return [plural(found.length, "resource"), box];
      })];
    },
    resource(id) {
      const resource = data.resources[Number(id)];
      if (!resource) return null;
      const numbers = (of.resource.get(Number(id)) || []).slice().sort((a, b) => data.results[a][C.kind] - data.results[b][C.kind] || data.results[b][C.severity] - data.results[a][C.severity] || a - b);
      return [make("h2", {}, text(resource[0])), list([["Type", text(resource[1])], ["Root", text(resource[2])], ["Deployment", text(resource[3])], ["Written at", text(resource[4]) + ":" + resource[5]]]), results(numbers)];
    },
    results(_, chosen) {
      return [make("h2", {}, "Results"), ...searchable("results", [["q", "Search (press / to come here)"], ["kind", "Kind", same(data.kinds)], ["severity", "Severity", same(data.severities)],
        ["control", "Control", same(data.controls.filter((control) => control.checks.length).map((control) => control.id))],
        ["check", "Check", same(data.checks.filter((check) => total(check.counts)).map((check) => check.id))], ["root", "Root", same(roots())]], chosen, (values) => {
        const found = matching(values);
        return [plural(found.length, "result") + " of " + data.results.length.toLocaleString("en"), results(found)];
      })];
    },
    "by-hand"() {
      return [make("h2", {}, "To be shown by hand"), make("p", {}, "No template shows these; each names the evidence that an auditor would accept for a start."),
        data.attestations.length ? make("h3", {}, "Attestations") : null, make("ul", {}, ...attested(data.attestations.map((_, at) => at))),
        table("Manual requirements", ["Requirement", "Who", "Evidence", "Controls", "Attested"], data.manual.map((one, at) => row(one.title, one.who, one.shown_by,
          make("td", {}, ...data.controls.filter((control) => control.manual.includes(at)).flatMap((control) => [controlLink(control.id), " "])),
          one.attested.length ? one.attested.map((each) => (data.attestations[each].open ? "no longer, " : "until ") + (data.attestations[each].until || "recalled")).join("; ") : "open")))];
    },
    map() {
      return [make("h2", {}, "Map"), make("p", {}, "Where PHI is kept and which ways data may take, with the number of open failures. "
        + "Drawn from the templates with the values given; what they do not say is not drawn. A table of the ways stands below.")];
    },
    print() {
      return [make("h2", {}, "Everything, for print"), make("p", { class: "more" }, make("button", { type: "button", onclick: () => window.print() }, "Print")), ...views.about().slice(1),
        ...Object.entries(data.frameworks).map(([framework, title]) => controlsTable(data.controls.filter((control) => control.framework === framework), title)),
        ...data.controls.map((control) => make("section", { class: "control" }, make("h3", {}, control.id + ": " + control.title), ...controlBody(control, "h4", true).filter(Boolean)))];
    },
    about() {
      const problems = data.diagnostics.map((each) => row(each.severity, each.file ? each.file + (each.line ? ":" + each.line : "") : "", each.message));
      return [make("h2", {}, "About this report"), list(data.about), ...assumedBy(),
        data.summary.not_judged.length ? make("h3", {}, "Not loaded, hence not judged") : null, make("ul", {}, ...data.summary.not_judged.map((each) => make("li", {}, each))),
        make("h3", {}, "What a state means"), make("p", {}, "Open failures: at least one result fails and nobody suppressed it. Undecided: none fails, but the templates leave something open. "
          + "Fails with other inputs: passes with the values given, fails with others. No finding: all that was examined passed or was suppressed. A result is counted once for each check, so examined = "
          + data.kinds.join(" + ") + "."),
        problems.length ? table("Messages of the run", ["Severity", "Place", "Message"], problems) : null];
    },
  };

  function show(moved) {
    const [path, query] = (location.hash.startsWith("#/") ? location.hash.slice(2) : "overview").split("?");
    const [page, ...rest] = path.split("/");
    let id = rest.join("/");
    try { id = decodeURIComponent(id); } catch { /* as it stands */ }
    whole = [];
    const nodes = (Object.hasOwn(views, page) && views[page](id, Object.fromEntries(new URLSearchParams(query || ""))))
      || [make("h2", {}, "There is no such page"), make("p", {}, link("overview", "Overview"))];
    main.replaceChildren(...nodes.filter(Boolean));
    map.hidden = page !== "map";
    const section = { control: "controls", check: "checks", resource: "resources" }[page] || page;
    for (const each of nav.children) {
      if (each.dataset.page === section) each.setAttribute("aria-current", "page"); else each.removeAttribute("aria-current");
    }
    document.title = (main.querySelector("h2")?.textContent || "Report") + " · hipaalint";
    if (moved) { main.focus({ preventScroll: true }); scrollTo(0, 0); }
  }
  nav.append(...pages.map(([page, title]) => make("a", { href: "#/" + page, "data-page": page }, title)));
  document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    if (!main.querySelector("input[type=search]")) { history.pushState(null, "", "#/results"); show(false); }
    main.querySelector("input[type=search]").focus();
  });
  addEventListener("hashchange", () => show(true));
  show(false);
})();
