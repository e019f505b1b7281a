//! The order of the items in each column.
//!
//! Most layouts look for the fewest crossings, from scratch: one line more and the whole picture is another. Here boxes stand in
//! the order of the file, children below each other beside their parent, and leave it only where that is worth much. Lines are
//! free.

use super::Net;

/// How often all columns are gone through.
const ROUNDS: usize = 3;
/// How many crossings have to go for a box to leave its place. With four there are hardly fewer crossings in all, and some real
/// files jump more while people type than tests/oracle/picture.rs allows.
const WORTH: i64 = 6;
/// Most comparisons of two lines, or of items without any. A picture for which they don't suffice stays as it is by then.
const COMPARISONS: usize = 2_000_000;

/// The items of each column, from the top.
pub fn order(net: &Net) -> Vec<Vec<usize>> {
    let keys = keys(net);
    let mut all: Vec<usize> = (0..net.items.len()).collect();
    all.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]).then(a.cmp(&b)));
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); net.columns];
    for item in all {
        columns[net.items[item].column].push(item);
    }
    let mut sifter = Sifter { net, place: vec![0; net.items.len()], left: COMPARISONS };
    columns.iter().for_each(|column| sifter.number(column));
    for _ in 0..ROUNDS {
        columns.iter_mut().for_each(|column| sifter.sift(column));
    }
    columns
}

/// Where each item would stand in one long list: boxes as in a tree, each below the first that it needs; the trunk of several
/// lines between their ends.
fn keys(net: &Net) -> Vec<f64> {
    let boxes = net.items.iter().take_while(|item| item.is_box).count();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); boxes];
    let mut has_parent = vec![false; boxes];
    for (from, to) in net.routes.iter().map(|route| ends(route)) {
        if !has_parent[to] {
            has_parent[to] = true;
            children[from].push(to);
        }
    }
    let mut keys = vec![0.0; net.items.len()];
    let mut open: Vec<usize> = (0..boxes).rev().filter(|&number| !has_parent[number]).collect();
    let mut next = 0.0;
    while let Some(number) = open.pop() {
        keys[number] = next;
        next += 1.0;
        open.extend(children[number].iter().rev());
    }
    let mut sums = vec![(0.0, 0.0); net.items.len()];
    for route in &net.routes {
        let (from, to) = ends(route);
        for &crossing in &route[1..route.len() - 1] {
            let (sum, count) = &mut sums[crossing];
            *sum += keys[from] + keys[to];
            *count += 2.0;
        }
    }
    for (key, (sum, count)) in keys.iter_mut().zip(sums).skip(boxes) {
        *key = sum / count;
    }
    keys
}

fn ends(route: &[usize]) -> (usize, usize) {
    (route[0], route[route.len() - 1])
}

/// Moves single items where fewer lines cross.
struct Sifter<'a> {
    net: &'a Net,
    /// The place of each item in its column.
    place: Vec<usize>,
    /// How many comparisons may still be made.
    left: usize,
}

impl Sifter<'_> {
    fn number(&mut self, column: &[usize]) {
        for (place, &item) in column.iter().enumerate() {
            self.place[item] = place;
        }
    }

    /// Puts each item of a column where fewest lines cross, if that is worth it.
    fn sift(&mut self, column: &mut Vec<usize>) {
        for item in column.clone() {
            if self.left == 0 {
                return;
            }
            let at = self.place[item];
            let (mut best, mut best_at) = (0, at);
            let mut gain = 0;
            for other in (0..at).rev() {
                gain += self.gain(column[other], item);
                if gain > best {
                    (best, best_at) = (gain, other);
                }
            }
            gain = 0;
            for (other, &below) in column.iter().enumerate().skip(at + 1) {
                gain += self.gain(item, below);
                if gain > best {
                    (best, best_at) = (gain, other);
                }
            }
            let worth = if self.net.items[item].is_box { WORTH } else { 1 };
            if best >= worth {
                column.remove(at);
                column.insert(best_at, item);
                self.number(column);
            }
        }
    }

    /// How many crossings go when two items of a column change places.
    fn gain(&mut self, above: usize, below: usize) -> i64 {
        let mut gain = 0;
        let sides = [(&self.net.into, true), (&self.net.out_of, false)];
        for (joints, is_left) in sides {
            let (above, below) = (&joints[above], &joints[below]);
            let comparisons = (above.len() * below.len()).max(1);
            self.left = self.left.saturating_sub(comparisons);
            if self.left == 0 {
                return 0;
            }
            let place = |joint: usize| {
                let joint = self.net.joints[joint];
                self.place[if is_left { joint.from } else { joint.to }]
            };
            for &a in above {
                let a = place(a);
                for &b in below {
                    let b = place(b);
                    gain += i64::from(a > b) - i64::from(a < b);
                }
            }
        }
        gain
    }
}
