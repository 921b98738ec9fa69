use std::cmp::Reverse;
use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A stream with a few values that are frequent, many that are not, and windows that end.
#[derive(Clone, Debug)]
enum Step {
    Offer(u64, u64),
    Forget(u64),
    Halve,
}

fn step() -> impl Strategy<Value = Step> {
    // Numbered times the inverse of the multiplier of the index, so that they all collide there.
    let collide = |number: u64| number.wrapping_mul(0xf1de_83e1_9937_733d);
    let value = prop_oneof![
        3 => 0..4_u64,
        2 => (0..40_u64).prop_map(collide),
        1 => any::<u64>(),
    ];
    prop_oneof![
        60 => (value.clone(), 1..20_u64).prop_map(|(value, weight)| Step::Offer(value, weight)),
        2 => value.prop_map(Step::Forget),
        1 => Just(Step::Halve),
    ]
}

proptest! {
    #[test]
    fn every_bound_holds_after_any_stream(capacity in 1..24_usize, steps in vec(step(), 0..400)) {
        let mut hitters = HeavyHitters::new(capacity);
        let mut model = HashMap::<u64, f64>::new();
        for step in steps {
            match step {
                Step::Offer(value, weight) => {
                    hitters.offer(value, weight, "v");
                    *model.entry(value).or_default() += weight as f64;
                }
                Step::Forget(value) => {
                    if hitters.get(value).is_some() {
                        hitters.forget(value);
                        model.remove(&value);
                    }
                }
                Step::Halve => {
                    hitters.halve();
                    model.values_mut().for_each(|weight| *weight /= 2.0);
                }
            }
            for (&value, &weight) in &model {
                match hitters.get(value) {
                    Some(found) => {
                        prop_assert!(found.weight as f64 >= weight, "{found:?} {weight}");
                        prop_assert!(found.certain() as f64 <= weight, "{found:?} {weight}");
                    }
                    None => {
                        let share = hitters.total() as f64 / capacity as f64;
                        prop_assert!(weight <= share, "{value} of {weight} is missing");
                    }
                }
            }
        }
        let top = hitters.top();
        prop_assert!(top.len() <= capacity);
        prop_assert!(top.is_sorted_by_key(|hitter| Reverse(hitter.certain())));
        prop_assert!(top.iter().all(|hitter| hitters.get(hitter.hash).is_some()));
        let sum: u64 = hitters.heap.iter().map(|node| node.weight).sum();
        prop_assert_eq!(sum, hitters.total());
    }
}

/// A fixed sequence of numbers that look random (Knuth's MMIX generator).
fn numbers(mut state: u64) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 16
    })
}

#[test]
fn heavy_values_are_found_in_a_flood_of_others() {
    let mut hitters = HeavyHitters::new(64);
    let mut flood = numbers(7);
    for round in 0..20_000_u64 {
        hitters.offer(round % 3, 1, "/login");
        for value in flood.by_ref().take(5) {
            hitters.offer(value, 1, "scan");
        }
    }
    let mut heaviest: Vec<_> = hitters.top().iter().take(3).map(|h| h.hash).collect();
    heaviest.sort_unstable();
    assert_eq!(heaviest, [0, 1, 2]);
    let first = hitters.top()[0];
    assert_eq!(first.example.as_str(), "/xxxx");
}

#[test]
fn memory_is_what_it_was_at_the_start() {
    let mut hitters = HeavyHitters::new(200);
    let (bytes, start) = (hitters.bytes(), hitters.entries.as_ptr());
    for value in numbers(1).take(200_000) {
        hitters.offer(value, 1, "value");
    }
    assert_eq!(hitters.bytes(), bytes);
    assert_eq!(hitters.entries.as_ptr(), start);
    assert!(bytes <= 200 * 96, "{bytes} bytes");
}

#[test]
fn weights_do_not_overflow() {
    let mut hitters = HeavyHitters::new(1);
    hitters.offer(1, u64::MAX, "a");
    hitters.offer(2, u64::MAX, "b");
    hitters.offer(2, 1, "b");
    assert_eq!(hitters.get(2).map(|hitter| hitter.weight), Some(u64::MAX));
}

#[test]
fn a_forgotten_value_makes_room_first() {
    let mut hitters = HeavyHitters::new(2);
    hitters.offer(1, 100, "a");
    hitters.offer(2, 5, "b");
    hitters.forget(1);
    assert_eq!(hitters.total(), 10);
    assert_eq!(hitters.top().len(), 1);
    hitters.offer(3, 1, "c");
    let third = hitters.get(3).unwrap();
    assert_eq!((third.weight, third.error), (6, 5));
    assert!(hitters.get(1).is_none());
}
