//! Threads and tasks with a number.

/// A word for a unit of execution, something between, and a number: `ThreadId(7)`, `task-1234`.
pub(super) fn is_numbered(value: &str) -> bool {
    let value = value.strip_suffix([')', ']']).unwrap_or(value);
    let word = value.trim_end_matches(|c: char| c.is_ascii_digit());
    if word.len() == value.len() {
        return false;
    }
    let named = word.trim_end_matches(['(', '[', '-', '_', '#', ':', '=', ' ']);
    named.len() < word.len() && WORDS.iter().any(|known| known.eq_ignore_ascii_case(named))
}

const WORDS: [&str; 9] = [
    "thread",
    "threadid",
    "thread_id",
    "tid",
    "task",
    "taskid",
    "task_id",
    "fiber",
    "goroutine",
];
