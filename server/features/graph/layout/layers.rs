//! Which column each box stands in.

use super::Link;

/// The columns of `count` boxes, from 0: right of all that a box needs, and where it costs nothing close to what needs it.
pub fn layers(count: usize, links: &[Link]) -> Vec<usize> {
    let (mut into, mut out_of) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for link in links {
        into[link.to].push(link.from);
        out_of[link.from].push(link.to);
    }
    for ends in into.iter_mut().chain(&mut out_of) {
        ends.sort_unstable();
        ends.dedup();
    }
    let mut layer_of = vec![0; count];
    // Links lead to later boxes, so the order of the boxes is one in which all that is needed comes first.
    for number in 0..count {
        layer_of[number] = into[number].iter().map(|&from| layer_of[from] + 1).max().unwrap_or(0);
    }
    for number in (0..count).rev() {
        let Some(next) = out_of[number].iter().map(|&to| layer_of[to]).min() else { continue };
        if out_of[number].len() >= into[number].len() {
            layer_of[number] = layer_of[number].max(next - 1);
        }
    }
    layer_of
}

#[cfg(test)]
mod tests {
    use super::{super::Trunk, *};

    fn of(count: usize, links: &[(usize, usize)]) -> Vec<usize> {
        let link = |&(from, to)| Link { from, to, channel: 0, trunk: Trunk::Source };
        layers(count, &links.iter().map(link).collect::<Vec<_>>())
    }

    #[test]
    fn a_box_stands_right_of_what_it_needs_and_close_to_what_needs_it() {
        assert_eq!(of(4, &[(0, 1), (1, 3), (0, 3), (2, 3)]), [0, 1, 1, 2], "2 needs nothing");
        assert_eq!(of(3, &[(0, 1), (0, 2)]), [0, 1, 1]);
        assert_eq!(of(2, &[]), [0, 0]);
    }
}
