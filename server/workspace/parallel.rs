//! The same work for many things, on several processors.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// What `work` makes of each item, in the order of the items; `None` where it panicked: what goes wrong with one file says
/// nothing about the others.
pub fn map<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<Option<R>> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut results = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return results };
            results.push((index, panic::catch_unwind(AssertUnwindSafe(|| work(item))).ok()));
        }
    };
    let workers = workers.min(items.len());
    if workers <= 1 {
        return run().into_iter().map(|(_, result)| result).collect();
    }
    let mut results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_a_panic_costs_one_of_them() {
        let items: Vec<usize> = (0..100).collect();
        let found = map(&items, 3, |&item| if item == 50 { panic!("the test's own") } else { item * 2 });
        assert_eq!(found[49..52], [Some(98), None, Some(102)]);
        assert_eq!(found.len(), 100);
        assert_eq!(map(&items[..0], 3, |&item| item), []);
    }
}
