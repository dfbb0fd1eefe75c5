/// Lets text through until a stop sequence comes. What may be the beginning of one is held back until more is known.
#[derive(Debug)]
pub(super) struct Stops<'a> {
    sequences: Vec<&'a str>,
    held: String,
}

impl<'a> Stops<'a> {
    pub(super) fn new(sequences: &'a [String]) -> Self {
        Self { sequences: sequences.iter().map(String::as_str).filter(|own| !own.is_empty()).collect(), held: String::new() }
    }

    /// What can be shown now, and whether a stop sequence has come.
    pub(super) fn push(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        if let Some(at) = self.sequences.iter().filter_map(|own| self.held.find(own)).min() {
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        let possible = |rest: &str| self.sequences.iter().any(|own| own.starts_with(rest));
        let from = self.held.char_indices().map(|(at, _)| at).find(|at| self.held.get(*at..).is_some_and(possible));
        let kept = from.map_or_else(String::new, |at| self.held.split_off(at));
        (std::mem::replace(&mut self.held, kept), false)
    }

    /// What was held back and turned out to be text.
    pub(super) fn rest(self) -> String {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_before_a_stop_sequence_wherever_it_is_cut() {
        let sequences = ["END".to_owned(), "\n\n".to_owned(), String::new()];
        for cut in 0..12 {
            let (text, mut stops) = ("One.\nE TENDx", Stops::new(&sequences));
            let (first, stopped) = stops.push(&text[..cut]);
            let (second, ended) = if stopped { (String::new(), true) } else { stops.push(&text[cut..]) };
            assert_eq!((format!("{first}{second}"), ended), ("One.\nE T".to_owned(), true), "{cut}");
        }
    }

    #[test]
    fn what_only_looked_like_a_stop_is_let_through() {
        let sequences = ["aab".to_owned()];
        let mut stops = Stops::new(&sequences);
        assert_eq!(stops.push("xaa"), ("x".to_owned(), false));
        assert_eq!(stops.push("a"), ("a".to_owned(), false));
        assert_eq!(stops.rest(), "aa");
    }
}
