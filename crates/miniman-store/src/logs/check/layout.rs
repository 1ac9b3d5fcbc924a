//! Whether numbers are covered once, by a block or a gap.

/// What is wrong with `covers`, first and last numbers in any order: the numbers and a sentence.
pub(super) fn check(mut covers: Vec<(i64, i64)>) -> Vec<((i64, i64), &'static str)> {
    covers.sort_unstable();
    let mut wrong = Vec::new();
    let mut covered_to: Option<i64> = None;
    for (first, last) in covers {
        if last < first {
            wrong.push(((first, last), "the last number is below the first"));
            continue;
        }
        match covered_to {
            Some(to) if first <= to => wrong.push(((first, last.min(to)), "the numbers are there twice")),
            Some(to) if first > to + 1 => {
                wrong.push(((to + 1, first - 1), "the numbers are in no block and no gap"));
            }
            _ => {}
        }
        covered_to = covered_to.max(Some(last));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn holes_and_overlaps_are_found() {
        assert_eq!(check(Vec::new()), []);
        assert_eq!(check(vec![(10, 19), (-5, 9), (20, 20)]), []);
        let wrong = check(vec![(0, 9), (5, 12), (14, 20), (30, 29)]);
        assert_eq!(
            wrong,
            [
                ((5, 9), "the numbers are there twice"),
                ((13, 13), "the numbers are in no block and no gap"),
                ((30, 29), "the last number is below the first"),
            ]
        );
        assert_eq!(check(vec![(i64::MIN, i64::MAX), (0, 1)]).len(), 1);
    }
}
