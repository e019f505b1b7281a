//! How high each item stands.

use super::{Joint, Net};

/// Between two boxes, between two lines, and between a box and a line.
const BOXES: f64 = 16.0;
const LINES: f64 = 9.0;
const BOX_AND_LINE: f64 = 11.0;
/// How far something is moved only to make a line straight.
const NEAR: f64 = 16.0;
/// How often items are moved towards their neighbours.
const ROUNDS: usize = 16;

/// The middle of each item, with the order of the columns kept and nothing too close to another.
pub fn place(net: &Net, columns: &[Vec<usize>]) -> Vec<f64> {
    let mut middles = vec![0.0; net.items.len()];
    for column in columns {
        stack(net, column, &mut middles);
    }
    for round in 0..ROUNDS {
        let sides = match round {
            // First one side and then the other, to get far; both in the end, to get even.
            _ if round + 4 >= ROUNDS => (true, true),
            _ => (round % 2 == 0, round % 2 == 1),
        };
        for step in 0..columns.len() {
            let column = if round % 2 == 0 { step } else { columns.len() - 1 - step };
            settle(net, &columns[column], &mut middles, sides);
        }
    }
    for _ in 0..2 {
        straighten(net, columns, &mut middles);
    }
    middles
}

/// Puts a column together, its middle at 0.
fn stack(net: &Net, column: &[usize], middles: &mut [f64]) {
    let mut y = 0.0;
    for (index, &item) in column.iter().enumerate() {
        if let Some(&above) = index.checked_sub(1).and_then(|above| column.get(above)) {
            y += distance(net, above, item);
        }
        middles[item] = y;
    }
    for &item in column {
        middles[item] -= y / 2.0;
    }
}

/// How far the middles of two items are apart at least.
fn distance(net: &Net, above: usize, below: usize) -> f64 {
    let (above, below) = (&net.items[above], &net.items[below]);
    let gap = match (above.is_box, below.is_box) {
        (true, true) => BOXES,
        (false, false) => LINES,
        (true, false) | (false, true) => BOX_AND_LINE,
    };
    (above.height + below.height) / 2.0 + gap
}

/// Where an item would stand if it were alone, and how much it wants to.
fn wish(net: &Net, item: usize, middles: &[f64], (left, right): (bool, bool)) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    let mut pull = |y: f64, other: usize| {
        // Long lines should be straight.
        let pull = match (net.items[item].is_box, net.items[other].is_box) {
            (false, false) => 8.0,
            (true, false) | (false, true) => 2.0,
            (true, true) => 1.5,
        };
        sum += y * pull;
        weight += pull;
    };
    if left {
        for &joint in &net.into[item] {
            let joint = net.joints[joint];
            pull(middles[joint.from] + joint.leaves - joint.enters, joint.from);
        }
    }
    if right {
        for &joint in &net.out_of[item] {
            let joint = net.joints[joint];
            pull(middles[joint.to] + joint.enters - joint.leaves, joint.to);
        }
    }
    // What is joined to nothing stays, unless something pushes it away.
    if weight == 0.0 { (middles[item], 0.1) } else { (sum / weight, weight) }
}

/// Moves the items of a column as close to where they would like to be as the distances allow: least squares, by pooling
/// neighbours that would get too close.
fn settle(net: &Net, column: &[usize], middles: &mut [f64], sides: (bool, bool)) {
    // Without the distances what is left is an order: no item above the one before it.
    struct Pool {
        sum: f64,
        weight: f64,
        count: usize,
    }
    let mut offsets = Vec::with_capacity(column.len());
    let mut pools: Vec<Pool> = Vec::new();
    let mut offset = 0.0;
    for (index, &item) in column.iter().enumerate() {
        if index > 0 {
            offset += distance(net, column[index - 1], item);
        }
        offsets.push(offset);
        let (y, weight) = wish(net, item, middles, sides);
        pools.push(Pool { sum: (y - offset) * weight, weight, count: 1 });
        while let [.., above, below] = &pools[..]
            && above.sum / above.weight > below.sum / below.weight
        {
            let merged = Pool {
                sum: above.sum + below.sum,
                weight: above.weight + below.weight,
                count: above.count + below.count,
            };
            pools.truncate(pools.len() - 2);
            pools.push(merged);
        }
    }
    let mut items = column.iter().zip(offsets);
    for pool in pools {
        for (&item, offset) in items.by_ref().take(pool.count) {
            middles[item] = pool.sum / pool.weight + offset;
        }
    }
}

/// Puts the places where one trunk crosses columns at one height, and boxes at that of their only line, where there is room.
fn straighten(net: &Net, columns: &[Vec<usize>], middles: &mut [f64]) {
    let mut rooms: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); net.items.len()];
    for column in columns {
        for (index, &item) in column.iter().enumerate() {
            let above = index.checked_sub(1).map(|above| column[above]);
            rooms[item] = (above, column.get(index + 1).copied());
        }
    }
    let room = |item: usize, middles: &[f64]| {
        let (above, below) = rooms[item];
        let low = above.map_or(f64::NEG_INFINITY, |above| middles[above] + distance(net, above, item));
        let high = below.map_or(f64::INFINITY, |below| middles[below] - distance(net, item, below));
        (low, high)
    };
    let crossings = (0..net.items.len()).filter(|&item| !net.items[item].is_box);
    for first in crossings {
        let is_crossing = |joint: &&usize| !net.items[net.joints[**joint].from].is_box;
        if net.into[first].iter().any(|joint| is_crossing(&joint)) {
            continue;
        }
        let chain = chain(net, first);
        let (low, high) = chain.iter().fold((f64::NEG_INFINITY, f64::INFINITY), |(low, high), &item| {
            let (other_low, other_high) = room(item, middles);
            (low.max(other_low), high.min(other_high))
        });
        if low > high {
            // Not all at one height, then at that of the one before where that is near.
            for pair in chain.windows(2) {
                let y = middles[pair[0]];
                let (low, high) = room(pair[1], middles);
                if (y - middles[pair[1]]).abs() <= NEAR && low <= y && y <= high {
                    middles[pair[1]] = y;
                }
            }
        } else {
            // Best at the height of what it comes from or leads to, if that is but one.
            let before = only(&net.into[first]).map(|joint| net.joints[joint]);
            let last = chain[chain.len() - 1];
            let after = only(&net.out_of[last]).map(|joint| net.joints[joint]);
            let mean = chain.iter().map(|&item| middles[item]).sum::<f64>() / chain.len() as f64;
            let y = match (before, after) {
                (Some(joint), _) => middles[joint.from] + joint.leaves,
                (None, Some(joint)) => middles[joint.to] + joint.enters,
                (None, None) => mean,
            };
            for item in chain {
                middles[item] = y.clamp(low, high);
            }
        }
    }
    for item in 0..net.items.len() {
        if !net.items[item].is_box {
            continue;
        }
        let from = only(&net.into[item]).map(|joint| net.joints[joint]);
        let to = only(&net.out_of[item]).map(|joint| net.joints[joint]);
        let is_near = |joint: Joint| {
            (middles[joint.from] + joint.leaves - middles[joint.to] - joint.enters).abs() <= NEAR
        };
        let y = match (from, to) {
            (Some(joint), _) if net.out_of[joint.from].len() == 1 => {
                middles[joint.from] + joint.leaves - joint.enters
            }
            (_, Some(joint)) if net.into[joint.to].len() == 1 => {
                middles[joint.to] + joint.enters - joint.leaves
            }
            (Some(joint), None) if is_near(joint) => middles[joint.from] + joint.leaves - joint.enters,
            (None, Some(joint)) if is_near(joint) => middles[joint.to] + joint.enters - joint.leaves,
            _ => continue,
        };
        let (low, high) = room(item, middles);
        if low <= y && y <= high {
            middles[item] = y;
        }
    }
}

/// The crossings of one trunk from `first` on.
fn chain(net: &Net, first: usize) -> Vec<usize> {
    let mut chain = vec![first];
    let mut last = first;
    loop {
        let nexts = net.out_of[last].iter().map(|&joint| net.joints[joint].to);
        let Some(next) = nexts.into_iter().find(|&next| !net.items[next].is_box) else { return chain };
        chain.push(next);
        last = next;
    }
}

fn only(joints: &[usize]) -> Option<usize> {
    match joints {
        [joint] => Some(*joint),
        _ => None,
    }
}
