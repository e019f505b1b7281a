//! The order of the items in each column.

use super::Net;

/// How many times all columns are ordered by their neighbours.
const ROUNDS: usize = 8;
/// How many times neighbours are exchanged where that helps.
const EXCHANGES: usize = 4;

/// The items of each column, from the top: of all orders that were tried that with the fewest crossings, the first of those.
pub fn order(net: &Net) -> Vec<Vec<usize>> {
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); net.columns];
    let mut all: Vec<usize> = (0..net.items.len()).collect();
    all.sort_by_key(|&item| (net.items[item].key, item));
    for item in all {
        columns[net.items[item].column].push(item);
    }
    let mut place = vec![0.0; net.items.len()];
    for column in &columns {
        number(column, &mut place);
    }
    let mut best = (crossings(net, &columns, &place), columns.clone());
    for round in 0..ROUNDS {
        if best.0 == 0 {
            break;
        }
        let rightwards = round % 2 == 0;
        for step in 0..net.columns {
            let column = if rightwards { step } else { net.columns - 1 - step };
            sort(net, &mut columns[column], &mut place, rightwards);
        }
        exchange(net, &mut columns, &mut place);
        let count = crossings(net, &columns, &place);
        if count < best.0 {
            best = (count, columns.clone());
        }
    }
    best.1
}

fn number(column: &[usize], place: &mut [f64]) {
    for (index, &item) in column.iter().enumerate() {
        place[item] = index as f64;
    }
}

/// Orders a column by the mean places of what its items are joined to on one side. An item without any keeps its place.
fn sort(net: &Net, column: &mut [usize], place: &mut [f64], by_left: bool) {
    let mean = |item: usize| {
        let ends = ends(net, item, by_left);
        let count = ends.len();
        if count == 0 { place[item] } else { ends.map(|end| place[end]).sum::<f64>() / count as f64 }
    };
    let mut means: Vec<(f64, usize)> = column.iter().map(|&item| (mean(item), item)).collect();
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (slot, (_, item)) in column.iter_mut().zip(means) {
        *slot = item;
    }
    number(column, place);
}

/// What an item is joined to in the column on its left, or right.
fn ends(net: &Net, item: usize, left: bool) -> impl ExactSizeIterator<Item = usize> {
    let joints = if left { &net.into[item] } else { &net.out_of[item] };
    joints.iter().map(move |&joint| if left { net.joints[joint].from } else { net.joints[joint].to })
}

/// Exchanges items that stand beside each other where that makes fewer lines cross.
fn exchange(net: &Net, columns: &mut [Vec<usize>], place: &mut [f64]) {
    for _ in 0..EXCHANGES {
        let mut any = false;
        for column in columns.iter_mut() {
            for upper in 1..column.len() {
                let (a, b) = (column[upper - 1], column[upper]);
                let (now, then) = [true, false].into_iter().fold((0, 0), |(now, then), left| {
                    let (more_now, more_then) = both(net, place, a, b, left);
                    (now + more_now, then + more_then)
                });
                if then < now {
                    column.swap(upper - 1, upper);
                    place.swap(a, b);
                    any = true;
                }
            }
        }
        if !any {
            break;
        }
    }
}

/// How many lines of two items cross on one side with `a` above `b`, and with `b` above `a`.
fn both(net: &Net, place: &[f64], a: usize, b: usize, left: bool) -> (usize, usize) {
    let (mut now, mut then) = (0, 0);
    // Whoever has more is not looked at: such a comparison would take long and change little.
    if ends(net, a, left).len() * ends(net, b, left).len() > 1_000 {
        return (0, 0);
    }
    for end_a in ends(net, a, left) {
        for end_b in ends(net, b, left) {
            now += usize::from(place[end_a] > place[end_b]);
            then += usize::from(place[end_a] < place[end_b]);
        }
    }
    (now, then)
}

/// How many pairs of lines cross.
fn crossings(net: &Net, columns: &[Vec<usize>], place: &[f64]) -> usize {
    let mut count = 0;
    for (column, next) in columns.iter().zip(columns.iter().skip(1)) {
        // A tree of sums over the places of the next column (Fenwick): how many lines end at or above each.
        let mut sums = vec![0_usize; next.len() + 1];
        let mut seen = 0;
        for &item in column {
            let mut ends: Vec<usize> = ends(net, item, false).map(|end| place[end] as usize).collect();
            ends.sort_unstable();
            for &end in &ends {
                let mut at = end + 1;
                let mut above = 0;
                while at > 0 {
                    above += sums[at];
                    at &= at - 1;
                }
                count += seen - above;
            }
            for end in ends {
                let mut at = end + 1;
                while at <= next.len() {
                    sums[at] += 1;
                    at += at & at.wrapping_neg();
                }
                seen += 1;
            }
        }
    }
    count
}
