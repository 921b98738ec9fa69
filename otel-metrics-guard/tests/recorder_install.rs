//! The recorder of the process. In a program of its own: there is one, for good.

use otel_core::registry::Registry;
use otel_metrics_guard::Recorder;

#[test]
fn a_recorder_is_installed_once_and_hears_every_thread() {
    let registry = Registry::new();
    metrics::counter!("too_early").increment(1);

    Recorder::new(&registry).install().unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(|| metrics::counter!("orders").increment(2)))
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }

    let refused = Recorder::new(&Registry::new()).install().unwrap_err();
    assert!(refused.is_occupied());
    assert!(refused.to_string().contains("installed"));
    metrics::counter!("orders").increment(2);

    let snapshot = registry.collect();
    let orders = snapshot.family("orders").unwrap().series().next().unwrap();
    assert_eq!(orders.value().as_counter(), Some(10));
    assert!(snapshot.family("too_early").is_none());
}
