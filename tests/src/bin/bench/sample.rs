//! Measurements of one thing, and what they come to.

/// The middle of all values; of an even number the mean of the two in the middle.
///
/// # Panics
/// If there are none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] }
}

/// Median and range, in the table's words.
pub(crate) fn summary(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.digits$} ({least:.digits$}–{most:.digits$})", median(values))
}

/// A goal for the ratio of two medians, and whether it was met.
pub(crate) fn verdict(what: &str, ours: &[f64], least: &[f64], goal: f64) -> String {
    let ratio = median(ours) / median(least);
    let met = if ratio <= goal { "met" } else { "**missed**" };
    format!("{what}: {ratio:.2} times the least; goal: at most {goal:.2} times, {met}.")
}
