//! Is the message in the language that the encoder knows?

use whatlang::{Lang, Script};

/// True when the text is plainly in another language than English. `known` is the share of its words that training knows; it
/// tells short or misspelt English, on which statistics of letters fail, from other languages.
pub(crate) fn is_foreign(text: &str, known: f32) -> bool {
    let letters = text.chars().filter(|character| character.is_alphabetic()).count();
    let Some(info) = whatlang::detect(text) else { return false };
    if info.script() != Script::Latin {
        return letters >= 2;
    }
    if letters < 12 || info.lang() == Lang::Eng {
        return false;
    }
    known < 0.25 && info.is_reliable() || known < 0.5 && text.split_whitespace().count() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_languages_are_found() {
        for text in [
            "Hola, olvidé mi contraseña y no puedo entrar en mi cuenta",
            "Ich habe den Kurs bezahlt, sehe ihn aber nicht",
            "Nie dostałem certyfikatu po ukończeniu kursu",
            "Je voudrais être remboursé pour le cours que j'ai acheté hier",
            "我忘记了密码",
            "Не могу войти в аккаунт",
            "mujhe mera certificate nahi mila abhi tak, kripya bhej dijiye",
        ] {
            assert!(is_foreign(text, 0.2), "{text}");
        }
    }

    #[test]
    fn english_of_all_kinds_is_english() {
        for text in [
            "refund??",
            "cert pls",
            "Kindly do the needful and revert back with the link",
            "pasword forgoten cant login plz",
            "video buffering nonstop module 4",
            "Zertifikat",
            "URGENT!!! how do coupons work",
            "got the receipt, got the welcome mail, didn't get the course",
        ] {
            assert!(!is_foreign(text, 0.7), "{text}");
        }
    }
}
