//! Where the boxes of a picture stand, and how lines lead from one to another.
//!
//! A layered layout from left to right, made for stages: all FROM lines of a stage share one trunk, and so do all lines of one
//! other kind into a stage, which is what makes sixty stages readable. The steps are
//!
//! 1. [`layers`]: every box gets a column, right of all that it needs;
//! 2. [`order`]: the order within each column, that of the file where it costs few crossings;
//! 3. [`place`]: heights, so that lines are as straight as they can be;
//! 4. columns get their places, and lines their points.
//!
//! A line crosses a column horizontally, at a height of its own that no box has, and changes its height only between
//! columns. So it can't run through a box. Nothing depends on chance or on an earlier picture: the same boxes give the same
//! picture, and a small change a similar one.
//!
//! Why no library: what there is either flips the picture while one types (Graphviz, ELK), leads lines through boxes (dagre), or
//! has no lines at all; none knows trunks; and only a server that draws by itself shows the same picture everywhere.

mod layers;
mod order;
mod place;

/// A box, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub width: f64,
    pub height: f64,
    /// Room that it needs on its right, for names above lines.
    pub beside: f64,
}

/// A line. It leads from a box to a later one.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub from: usize,
    pub to: usize,
    /// Lines of one channel leave a box at the same place, and enter it at the same place. Lower ones are higher up.
    pub channel: u8,
    pub trunk: Trunk,
}

/// Which lines of a channel are drawn as one as far as they can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trunk {
    /// Those from the same box.
    Source,
    /// Those to the same box.
    Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A picture, from its left upper corner, in pixels.
#[derive(Debug, Default)]
pub struct Layout {
    /// The left upper corners of the boxes.
    pub boxes: Vec<Point>,
    /// The points of each line: it leads horizontally from the first to the second, in a curve to the third, and so on. The
    /// last is the end of a curve.
    pub lines: Vec<Vec<Point>>,
    pub width: f64,
    pub height: f64,
}

/// Most boxes, most lines, and most places where lines cross columns. A picture with more is none that anyone could read, and
/// takes long to make.
const BOXES: usize = 5_000;
const LINES: usize = 20_000;
const CROSSED: usize = 20_000;
/// Between columns, at least and at most.
const GAP: std::ops::RangeInclusive<f64> = 34.0..=120.0;
/// How much of a gap the steepest line in it gets for each pixel of height.
const STEEPNESS: f64 = 0.3;
/// From one channel to the next at a box.
const PORTS: f64 = 9.0;

/// Lays out boxes, given in the order of the file. `None` if there are too many boxes or lines.
pub fn layout(sizes: &[Size], links: &[Link]) -> Option<Layout> {
    if sizes.len() > BOXES || links.len() > LINES {
        return None;
    }
    let layer_of = layers::layers(sizes.len(), links);
    let net = Net::new(sizes, links, &layer_of)?;
    let columns = order::order(&net);
    let heights = place::place(&net, &columns);
    Some(net.picture(sizes, links, &layer_of, &heights))
}

/// Boxes, and the places where lines cross the columns between them, joined from each column to the next.
struct Net {
    items: Vec<Item>,
    joints: Vec<Joint>,
    /// The joints that lead to each item, and those that lead from it.
    into: Vec<Vec<usize>>,
    out_of: Vec<Vec<usize>>,
    columns: usize,
    /// The items that each link passes, its boxes included.
    routes: Vec<Vec<usize>>,
    ports: Ports,
}

/// A box, or a place where lines cross a column. The boxes come first, by their numbers.
#[derive(Debug, Clone, Copy)]
struct Item {
    column: usize,
    height: f64,
    is_box: bool,
}

/// Something drawn from an item to one in the next column.
#[derive(Debug, Clone, Copy)]
struct Joint {
    from: usize,
    to: usize,
    /// Where it leaves and enters, below the middles of its items.
    leaves: f64,
    enters: f64,
}

impl Net {
    fn new(sizes: &[Size], links: &[Link], layer_of: &[usize]) -> Option<Net> {
        let item = |(size, &column): (&Size, &usize)| Item { column, height: size.height, is_box: true };
        let mut items: Vec<Item> = sizes.iter().zip(layer_of).map(item).collect();
        let columns = layer_of.iter().max().map_or(0, |last| last + 1);
        let ports = Ports::of(sizes, links);
        let mut trunks = std::collections::HashMap::new();
        let mut known = std::collections::HashMap::new();
        let mut joints = Vec::new();
        let mut routes = Vec::with_capacity(links.len());
        let mut crossed = 0;
        for link in links {
            let owner = match link.trunk {
                Trunk::Source => link.from,
                Trunk::Target => link.to,
            };
            let mut route = vec![link.from];
            for column in layer_of[link.from] + 1..layer_of[link.to] {
                let crossing = *trunks.entry((owner, link.channel, column)).or_insert_with(|| {
                    items.push(Item { column, height: 0.0, is_box: false });
                    items.len() - 1
                });
                route.push(crossing);
                crossed += 1;
            }
            if crossed > CROSSED {
                return None;
            }
            route.push(link.to);
            for pair in route.windows(2) {
                let (from, to) = (pair[0], pair[1]);
                known.entry((from, to, link.channel)).or_insert_with(|| {
                    let leaves = if items[from].is_box { ports.leaves(from, link.channel) } else { 0.0 };
                    let enters = if items[to].is_box { ports.enters(to, link.channel) } else { 0.0 };
                    joints.push(Joint { from, to, leaves, enters });
                });
            }
            routes.push(route);
        }
        let (mut into, mut out_of) = (vec![Vec::new(); items.len()], vec![Vec::new(); items.len()]);
        for (index, joint) in joints.iter().enumerate() {
            out_of[joint.from].push(index);
            into[joint.to].push(index);
        }
        Some(Net { items, joints, into, out_of, columns, routes, ports })
    }

    /// Columns and points for items whose middles are at `heights`.
    fn picture(&self, sizes: &[Size], links: &[Link], layer_of: &[usize], heights: &[f64]) -> Layout {
        let mut widths = vec![0.0_f64; self.columns];
        for (size, &column) in sizes.iter().zip(layer_of) {
            widths[column] = widths[column].max(size.width + size.beside);
        }
        let mut rises = vec![0.0_f64; self.columns];
        for joint in &self.joints {
            let rise = heights[joint.to] + joint.enters - heights[joint.from] - joint.leaves;
            let column = self.items[joint.from].column;
            rises[column] = rises[column].max(rise.abs());
        }
        let mut left = Vec::with_capacity(self.columns);
        let mut x = 0.0;
        for (width, rise) in widths.iter().zip(&rises) {
            left.push(x);
            x += width + (STEEPNESS * rise).clamp(*GAP.start(), *GAP.end());
        }
        let top = |(number, size): (usize, &Size)| heights[number] - size.height / 2.0;
        let highest = sizes.iter().enumerate().map(top).fold(f64::INFINITY, f64::min);
        let highest = self.lines_only(heights).fold(highest, f64::min);
        let lowest = sizes.iter().enumerate().map(|(number, size)| heights[number] + size.height / 2.0);
        let lowest = self.lines_only(heights).chain(lowest).fold(f64::NEG_INFINITY, f64::max);
        let at = |number: usize, y: f64| Point { x: left[layer_of[number]], y: y - highest };
        let boxes = sizes.iter().enumerate().map(|(number, size)| at(number, top((number, size))));

        let line = |(link, route): (&Link, &Vec<usize>)| {
            let mut points = Vec::with_capacity(2 * route.len());
            for (step, &item) in route.iter().enumerate() {
                let column = self.items[item].column;
                let (start, end) = (left[column], left[column] + widths[column]);
                let y = heights[item] - highest;
                if step == 0 {
                    let y = y + self.ports.leaves(item, link.channel);
                    points.push(Point { x: start + sizes[item].width, y });
                    points.push(Point { x: end, y });
                } else if step + 1 == route.len() {
                    points.push(Point { x: start, y: y + self.ports.enters(item, link.channel) });
                } else {
                    points.push(Point { x: start, y });
                    points.push(Point { x: end, y });
                }
            }
            points
        };
        Layout {
            boxes: boxes.collect(),
            lines: links.iter().zip(&self.routes).map(line).collect(),
            width: left.last().map_or(0.0, |last| last + widths[self.columns - 1]),
            height: (lowest - highest).max(0.0),
        }
    }

    /// The heights at which lines cross columns.
    fn lines_only<'a>(&'a self, heights: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.items.iter().zip(heights).filter(|(item, _)| !item.is_box).map(|(_, &height)| height)
    }
}

/// Where lines leave and enter boxes.
struct Ports {
    out: Vec<u8>,
    into: Vec<u8>,
    heights: Vec<f64>,
}

impl Ports {
    fn of(sizes: &[Size], links: &[Link]) -> Ports {
        let (mut out, mut into) = (vec![0_u8; sizes.len()], vec![0_u8; sizes.len()]);
        for link in links {
            out[link.from] |= 1 << link.channel;
            into[link.to] |= 1 << link.channel;
        }
        Ports { out, into, heights: sizes.iter().map(|size| size.height).collect() }
    }

    /// Below the middle of the box, in pixels.
    fn leaves(&self, number: usize, channel: u8) -> f64 {
        port(self.out[number], channel, self.heights[number])
    }

    fn enters(&self, number: usize, channel: u8) -> f64 {
        port(self.into[number], channel, self.heights[number])
    }
}

/// The place of one channel among those in `used`, a bit each.
fn port(used: u8, channel: u8, height: f64) -> f64 {
    let count = f64::from(used.count_ones());
    let above = f64::from((used & ((1 << channel) - 1)).count_ones());
    let distance = PORTS.min((height - 10.0) / (count - 1.0).max(1.0));
    (above - (count - 1.0) / 2.0) * distance
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that are the same in each run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, below: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % below
        }
    }

    fn random(dice: &mut Dice, boxes: usize, lines: usize) -> (Vec<Size>, Vec<Link>) {
        let size = |dice: &mut Dice| Size {
            width: 40.0 + dice.roll(200) as f64,
            height: [24.0, 30.0, 43.0, 56.0][dice.roll(4)],
            beside: dice.roll(80) as f64,
        };
        let sizes: Vec<Size> = (0..boxes).map(|_| size(dice)).collect();
        let link = |dice: &mut Dice| {
            let to = 1 + dice.roll(boxes - 1);
            let channel = dice.roll(6) as u8;
            let trunk = if channel < 2 { Trunk::Source } else { Trunk::Target };
            Link { from: dice.roll(to), to, channel, trunk }
        };
        let links = (0..lines).map(|_| link(dice)).collect();
        (sizes, links)
    }

    #[test]
    fn boxes_stand_apart_and_lines_cross_columns_beside_them() {
        let mut dice = Dice(7);
        for round in 0..200 {
            let boxes = 2 + dice.roll(30);
            let lines = dice.roll(3 * boxes);
            let (sizes, links) = random(&mut dice, boxes, lines);
            let drawn = layout(&sizes, &links).expect("these are few");
            let sides = |number: usize| {
                let (Point { x, y }, Size { width, height, .. }) = (drawn.boxes[number], sizes[number]);
                (x, x + width, y, y + height)
            };
            for a in 0..boxes {
                let (left, right, top, bottom) = sides(a);
                assert!(left >= 0.0 && top >= -0.001, "{round}");
                assert!(right <= drawn.width && bottom <= drawn.height + 0.001, "{round}");
                for b in 0..a {
                    let (other_left, other_right, other_top, other_bottom) = sides(b);
                    let across = left < other_right && other_left < right;
                    assert!(!across || bottom < other_top || other_bottom < top, "{round}: {a} and {b}");
                }
                for (link, points) in links.iter().zip(&drawn.lines) {
                    // Between level stretches lines are in the gaps between columns.
                    for level in points.chunks_exact(2) {
                        let across = level[0].x < right && left < level[1].x;
                        let beside = level[0].y < top || bottom < level[0].y;
                        assert!(!across || beside || link.from == a, "{round}: {link:?} runs through {a}");
                        assert!(level[0].x <= level[1].x && level[0].y == level[1].y, "{round}");
                    }
                }
            }
            for (link, points) in links.iter().zip(&drawn.lines) {
                let (start, end) = (points[0], points[points.len() - 1]);
                let (from, to) = (sides(link.from), sides(link.to));
                assert!(start.x == from.1 && from.2 < start.y && start.y < from.3, "{round}: {link:?}");
                assert!(end.x == to.0 && to.2 < end.y && end.y < to.3, "{round}: {link:?}");
            }
        }
    }

    #[test]
    fn lines_of_one_trunk_lie_on_each_other_and_others_do_not() {
        let size = Size { width: 60.0, height: 30.0, beside: 0.0 };
        let link = |from, to, channel, trunk| Link { from, to, channel, trunk };
        // 0 is the base of 1 and of 3, which also copies from 0 and from 2.
        let links = [
            link(0, 1, 0, Trunk::Source),
            link(1, 2, 0, Trunk::Source),
            link(0, 3, 0, Trunk::Source),
            link(0, 4, 0, Trunk::Source),
            link(2, 3, 2, Trunk::Target),
            link(3, 4, 2, Trunk::Target),
            link(1, 4, 2, Trunk::Target),
        ];
        let drawn = layout(&[size; 5], &links).expect("these are few");
        assert_eq!(drawn.lines[2][..4], drawn.lines[3][..4], "both are built on 0");
        assert_ne!(drawn.lines[2][2].y, drawn.lines[6][2].y, "a base is no copy");
        assert_eq!(drawn.lines[5].last(), drawn.lines[6].last());
    }

    #[test]
    fn too_much_to_read_is_not_drawn_and_soon_given_up() {
        let mut dice = Dice(1);
        let (sizes, mut links) = random(&mut dice, 3_000, 0);
        // Each needs the one before it and the first.
        links.extend((1..3_000).map(|to| Link { from: to - 1, to, channel: 0, trunk: Trunk::Source }));
        assert!(layout(&sizes, &links).is_some(), "a chain is no trouble");
        links.extend((1..3_000).map(|to| Link { from: 0, to, channel: 2, trunk: Trunk::Target }));
        assert!(layout(&sizes, &links).is_none());
        let (sizes, links) = random(&mut dice, 400, 20_000);
        let _ = layout(&sizes, &links);
        let (sizes, _) = random(&mut dice, 5_000, 0);
        assert!(layout(&sizes, &[]).is_some(), "nor are boxes that nothing joins");
        assert!(layout(&vec![sizes[0]; 100_000], &[]).is_none());
        assert!(layout(&[], &[]).is_some_and(|drawn| drawn.boxes.is_empty()));
    }
}
