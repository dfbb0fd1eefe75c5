//! An article's text in the pieces that may be quoted.

use crate::document::{Unit, UnitKind};

/// A sentence, or a list with the sentence that introduces it: what may be quoted by itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) pieces: Vec<String>,
    pub(super) words: usize,
}

impl Block {
    pub(super) fn text(&self) -> String {
        self.pieces.join(" ")
    }
}

/// Groups units into blocks: a list stays whole, together with a sentence before it that ends in a colon.
pub(super) fn blocks(units: &[Unit]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut list = None;
    for unit in units {
        let (text, own_list) = match unit.kind {
            UnitKind::Sentence => (unit.text.clone(), None),
            UnitKind::ListItem => (
                match unit.ordered {
                    Some(number) => format!("{number}. {}", unit.text),
                    None => format!("- {}", unit.text),
                },
                unit.list,
            ),
            UnitKind::TableRow => (format!("- {}", unit.text), None),
        };
        let words = text.split_whitespace().count();
        let introduced =
            own_list.is_some() && blocks.last().is_some_and(|block| block.pieces.iter().all(|piece| piece.ends_with(':')));
        match blocks.last_mut().filter(|_| introduced || (own_list.is_some() && own_list == list)) {
            Some(block) => {
                block.words += words;
                block.pieces.push(text);
            }
            None => blocks.push(Block { pieces: vec![text], words }),
        }
        list = own_list;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::units;

    #[test]
    fn a_list_keeps_its_introduction_its_order_and_its_numbers() {
        let made = blocks(&units(
            "You can download it at any time. To save it:\n\n1. Open **Certificates**.\n2. Choose the course.\n3. Select *Download*.\n\nIt stays there.",
        ));
        assert_eq!(made.len(), 3, "{made:?}");
        assert_eq!(made[1].pieces, ["To save it:", "1. Open Certificates.", "2. Choose the course.", "3. Select Download."]);
        assert_eq!(made[1].words, 13);
    }
}
