//! The picture of every real file with several stages: it shows just what the graph says, nothing hides anything, and a small
//! edit moves little.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use dockerfile_ls::{
    document::Document,
    features::graph::{Graph, Look, Theme, draw},
};
use roxmltree::{Document as XmlDocument, Node};
use serde_json::Value;

use crate::{rename::corpus, shared};

const SVG: &str = "http://www.w3.org/2000/svg";

/// A box as it is drawn.
#[derive(Debug, Clone)]
struct Drawn {
    /// As people read it: `3` for a stage, `image x`, `context x`, `ghost x`.
    what: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// A line as it is drawn, with points on its way.
struct Way {
    kind: String,
    from: usize,
    to: usize,
    points: Vec<(f64, f64)>,
}

struct Read {
    boxes: BTreeMap<usize, Drawn>,
    ways: Vec<Way>,
}

fn number(element: Node<'_, '_>, name: &str) -> f64 {
    element.attribute(name).and_then(|text| text.parse().ok()).expect("a number")
}

/// Reads a picture as a viewer does: from the SVG alone.
fn read(svg: &str) -> Read {
    let svg = XmlDocument::parse(svg).expect("a picture is XML");
    let (mut boxes, mut ways) = (BTreeMap::new(), Vec::new());
    for group in svg.descendants().filter(|node| node.has_tag_name((SVG, "g"))) {
        let class = group.attribute("class").unwrap_or_default();
        let part = |name: &str| group.children().find(|child| child.has_tag_name((SVG, name)));
        if let Some(kind) = class.strip_prefix("line ") {
            let path = part("path").and_then(|path| path.attribute("d")).expect("a line has a path");
            ways.push(Way {
                kind: kind.to_owned(),
                from: number(group, "data-from") as usize,
                to: number(group, "data-to") as usize,
                points: points(path),
            });
        } else if group.has_attribute("data-box") {
            let title = part("title").and_then(|title| title.text()).unwrap_or_default();
            let what = match class {
                "stage" => group.attribute("data-stage").expect("its index").to_owned(),
                "image" => title.replacen("The image", "image", 1),
                "context" => title.replacen("The build context", "context", 1),
                _ => format!("ghost {}", title.trim_end_matches(" isn't there")),
            };
            let rect = part("rect").expect("a box has a border");
            let (left, top) = (number(rect, "x"), number(rect, "y"));
            let (right, bottom) = (left + number(rect, "width"), top + number(rect, "height"));
            boxes.insert(number(group, "data-box") as usize, Drawn { what, left, top, right, bottom });
        }
    }
    Read { boxes, ways }
}

/// Points on a path, some on each curve.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let split = |c: char| matches!(c, 'M' | 'H' | 'C');
    let numbers: Vec<Vec<f64>> = path
        .split(split)
        .skip(1)
        .map(|part| part.split(' ').map(|n| n.parse().expect("a number")).collect())
        .collect();
    for (command, n) in path.chars().filter(|c| split(*c)).zip(numbers) {
        match command {
            'M' => points.push((n[0], n[1])),
            'H' => points.push((n[0], points[points.len() - 1].1)),
            _ => {
                let (x, y) = points[points.len() - 1];
                for step in 1..=24 {
                    let t = f64::from(step) / 24.0;
                    let at = |a: f64, b: f64, c: f64, d: f64| {
                        let s = 1.0 - t;
                        s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
                    };
                    points.push((at(x, n[0], n[2], n[4]), at(y, n[1], n[3], n[5])));
                }
            }
        }
    }
    points
}

/// Whether a stretch of a line runs through a box, its border left out.
fn hits(drawn: &Drawn, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> bool {
    let (left, right) = (drawn.left + 1.0, drawn.right - 1.0);
    let (top, bottom) = (drawn.top + 1.0, drawn.bottom - 1.0);
    // Clips the stretch to the box (Liang and Barsky).
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for (step, distance) in
        [(x1 - x2, x1 - left), (x2 - x1, right - x1), (y1 - y2, y1 - top), (y2 - y1, bottom - y1)]
    {
        if step == 0.0 {
            if distance < 0.0 {
                return false;
            }
        } else if step < 0.0 {
            start = start.max(distance / step);
        } else {
            end = end.min(distance / step);
        }
    }
    start < end
}

fn picture(text: &str, needed: bool) -> (Value, Read) {
    let doc = Document::open(text, 0);
    let graph = Graph::of(&doc);
    let svg = draw(&graph, &Look { theme: Theme::Light, needed, title: "Dockerfile" }).svg;
    (serde_json::to_value(&graph).expect("a graph is JSON"), read(&svg))
}

/// The files with several stages, those of the workspaces too.
fn files() -> Vec<(String, String)> {
    let several = |text: &str| Document::open(text, 0).stages().all().len() > 1;
    let mut files = corpus();
    if let Some(folder) = shared::folder() {
        collect(&folder.join("corpus/workspaces"), &mut files);
    }
    files.into_iter().filter(|(_, text)| several(text)).collect()
}

/// The Dockerfiles below a folder, by their paths.
fn collect(folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the corpus is readable") {
        let path = entry.expect("the corpus is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains("Dockerfile")) {
            let text = fs::read(&path).expect("the file is readable");
            files.insert(path.display().to_string(), String::from_utf8_lossy(&text).into_owned());
        }
    }
}

/// What the JSON of a graph says a picture has to show: boxes, and lines between them.
fn wanted(json: &Value) -> (BTreeSet<String>, BTreeSet<(String, String, String)>) {
    let stages = json["stages"].as_array().expect("stages");
    let mut boxes: BTreeSet<String> = stages.iter().map(|stage| stage["index"].to_string()).collect();
    let mut lines = BTreeSet::new();
    let mut add = |from: String, to: &Value, kind: &str| {
        boxes.insert(from.clone());
        lines.insert((from, to.to_string(), kind.to_owned()));
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    for edge in json["edges"].as_array().expect("edges") {
        let from = &edge["from"];
        if from.as_u64() < edge["to"].as_u64() {
            add(from.to_string(), &edge["to"], &text(&edge["kind"]));
        } else {
            let index = from.as_u64().expect("an index");
            let name =
                stages[index as usize]["name"].as_str().map_or(format!("stage {index}"), str::to_owned);
            add(format!("ghost {name}"), &edge["to"], "failing");
        }
    }
    for source in json["sources"].as_array().expect("sources") {
        let kind = if source["context"] == true { "context" } else { "image" };
        add(format!("{kind} {}", text(&source["image"])), &source["to"], &text(&source["kind"]));
    }
    for missing in json["unresolved"].as_array().expect("unresolved") {
        add(format!("ghost {}", text(&missing["name"])), &missing["to"], "failing");
    }
    if stages.len() <= 20 {
        for other in json["alternatives"].as_array().expect("alternatives") {
            add(other["from"].to_string(), &other["to"], "alternative");
        }
    }
    (boxes, lines)
}

#[test]
fn pictures_show_what_the_graph_says() {
    let files = files();
    let (mut boxes, mut lines) = (0, 0);
    for (name, text) in &files {
        let (json, read) = picture(text, false);
        let drawn: BTreeSet<String> = read.boxes.values().map(|drawn| drawn.what.clone()).collect();
        let what = |number: &usize| read.boxes[number].what.clone();
        let ways = read.ways.iter().map(|way| (what(&way.from), what(&way.to), way.kind.clone()));
        let (wanted_boxes, wanted_lines) = wanted(&json);
        assert_eq!(drawn, wanted_boxes, "{name}");
        assert_eq!(ways.collect::<BTreeSet<_>>(), wanted_lines, "{name}");
        assert_eq!(
            (read.boxes.len(), read.ways.len()),
            (wanted_boxes.len(), wanted_lines.len()),
            "{name}: nothing twice"
        );
        boxes += read.boxes.len();
        lines += read.ways.len();
    }
    eprintln!("{} files: {boxes} boxes and {lines} lines, all as the JSON has them", files.len());
}

#[test]
fn nothing_hides_anything() {
    let files = files();
    let (mut pairs, mut stretches) = (0, 0);
    for (name, text) in &files {
        for needed in [false, true] {
            let (_, read) = picture(text, needed);
            let boxes: Vec<(&usize, &Drawn)> = read.boxes.iter().collect();
            for (index, (_, a)) in boxes.iter().enumerate() {
                for (_, b) in &boxes[index + 1..] {
                    let apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
                    assert!(apart, "{name}: {} lies on {}", a.what, b.what);
                    pairs += 1;
                }
            }
            for way in &read.ways {
                for (number, drawn) in boxes.iter().filter(|(number, _)| ![way.from, way.to].contains(number))
                {
                    for stretch in way.points.windows(2) {
                        let through = hits(drawn, stretch[0], stretch[1]);
                        assert!(
                            !through,
                            "{name}: the line from {} to {} runs through {number}",
                            way.from, way.to
                        );
                        stretches += 1;
                    }
                }
            }
        }
    }
    eprintln!(
        "{} files, two pictures each: {pairs} pairs of boxes apart, {stretches} stretches of lines in no box",
        files.len()
    );
}

/// The heights of the stages by their names, of those that have one of their own.
fn heights(text: &str) -> BTreeMap<String, f64> {
    let (json, read) = picture(text, false);
    let stages = json["stages"].as_array().expect("stages");
    let name = |drawn: &Drawn| -> Option<String> {
        let index: usize = drawn.what.parse().ok()?;
        Some(stages[index]["name"].as_str()?.to_lowercase())
    };
    read.boxes.values().filter_map(|drawn| Some((name(drawn)?, (drawn.top + drawn.bottom) / 2.0))).collect()
}

/// How many pairs of boxes change which of them is above, and how many pairs there are. Only boxes whose middles are further apart
/// than `apart` (pixels) stand above each other.
fn flips(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, apart: f64) -> (usize, usize) {
    let (mut flips, mut pairs) = (0, 0);
    let boxes: Vec<(&String, &f64)> = before.iter().filter(|(name, _)| after.contains_key(*name)).collect();
    for (index, (a, a_before)) in boxes.iter().enumerate() {
        for (b, b_before) in &boxes[index + 1..] {
            let (was, is) = (*a_before - *b_before, after[*a] - after[*b]);
            pairs += 1;
            flips += usize::from(was.abs() > apart && is.abs() > apart && (was > 0.0) != (is > 0.0));
        }
    }
    (flips, pairs)
}

/// The file with one COPY more, at the end of some stage; and with one stage more, before the last: for some of the places.
fn edits(text: &str) -> Vec<String> {
    let doc = Document::open(text, 0);
    let stages = doc.stages().all();
    let mut edits = Vec::new();
    for (step, stage) in stages.iter().enumerate().skip(1) {
        let from = &stages[(step * 7) % stage.index];
        let name = from.name.as_ref().map_or(from.index.to_string(), |name| name.text.clone());
        let (before, after) = text.split_at(stage.range.end);
        edits.push(format!("{before}\nCOPY --from={name} /added /added\n{after}"));
        let (before, after) = text.split_at(stage.range.start);
        let base = from.name.as_ref().map_or("scratch".to_owned(), |name| name.text.clone());
        edits.push(format!("{before}FROM {base} AS an-added-stage\nRUN true\n{after}"));
    }
    // Of files with dozens of stages every third will do.
    let every = edits.len() / 24 + 1;
    edits.into_iter().step_by(every).collect()
}

/// The height of a box without small lines: what is further apart does not stand beside each other.
const BOX: f64 = 30.0;

#[test]
fn a_small_edit_moves_little() {
    let (mut all, mut slight, mut shares) = ((0, 0), 0, Vec::new());
    for (name, text) in files() {
        let before = heights(&text);
        let mut file = (0, 0);
        for edit in edits(&text) {
            let after = heights(&edit);
            let (count, pairs) = flips(&before, &after, BOX);
            file = (file.0 + count, file.1 + pairs);
            slight += flips(&before, &after, 0.5).0;
        }
        all = (all.0 + file.0, all.1 + file.1);
        if file.1 == 0 {
            continue;
        }
        let share = file.0 as f64 / file.1 as f64;
        shares.push(share);
        // In a small file one pair is more than that.
        if before.len() >= 10 {
            eprintln!("{:5.2} % of {} pairs: {name}, {} stages", 100.0 * share, file.1, before.len());
            assert!(share < 0.05, "{name}: {share}");
        }
    }
    let share = |count: usize| count as f64 / all.1.max(1) as f64;
    let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    eprintln!(
        "{:.2} % of {} pairs flip, on average {:.2} % in a file",
        100.0 * share(all.0),
        all.1,
        100.0 * mean
    );
    eprintln!("{:.2} % do if boxes beside each other count too", 100.0 * share(slight));
    assert!(share(all.0) < 0.05 && mean < 0.05, "{} {mean}", share(all.0));
}
