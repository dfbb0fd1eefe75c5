//! What a client says, one line at a time (RFC 5321, sections 4.1.1 and 4.1.2).

use super::reply::Reply;

/// RFC 5321, section 4.5.3.1.
const LOCAL_BYTES: usize = 64;
const ADDRESS_BYTES: usize = 254;
const NAME_BYTES: usize = 255;

/// A command with proper arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Hello { extended: bool, name: String },
    Mail { from: Option<String>, size: u64, utf8: bool },
    Recipient(String),
    Data,
    Reset,
    Noop,
    Quit,
    Verify,
    Help,
}

/// Reads a line without its end. What cannot be read is answered at once.
pub(super) fn parse(line: &[u8]) -> Result<Command, Reply> {
    let line = std::str::from_utf8(line).map_err(|_| Reply::new(500, "5.5.2 Not UTF-8"))?;
    if line.contains(char::is_control) {
        return Err(Reply::new(500, "5.5.2 A control character does not belong here"));
    }
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb.to_ascii_uppercase().as_str() {
        "HELO" => hello(rest, false),
        "EHLO" => hello(rest, true),
        "MAIL" => mail(rest),
        "RCPT" => recipient(rest),
        "DATA" => alone(rest, Command::Data),
        "RSET" => alone(rest, Command::Reset),
        "QUIT" => alone(rest, Command::Quit),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Verify),
        "HELP" => Ok(Command::Help),
        "EXPN" | "STARTTLS" | "AUTH" | "BDAT" | "ETRN" => Err(Reply::new(502, "5.5.1 Not implemented")),
        _ => Err(Reply::new(500, "5.5.2 No such command")),
    }
}

fn alone(rest: &str, command: Command) -> Result<Command, Reply> {
    if rest.trim().is_empty() { Ok(command) } else { Err(Reply::new(501, "5.5.4 This command takes no argument")) }
}

fn hello(rest: &str, extended: bool) -> Result<Command, Reply> {
    let name = rest.trim();
    if name.is_empty() || name.len() > NAME_BYTES || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Reply::new(501, "5.5.4 Say your name: EHLO client.example"));
    }
    Ok(Command::Hello { extended, name: name.to_owned() })
}

fn mail(rest: &str) -> Result<Command, Reply> {
    let path = after(rest, "FROM:").ok_or(Reply::new(501, "5.5.4 Write MAIL FROM:<address>"))?;
    let (from, parameters) = in_brackets(path).ok_or(Reply::new(501, "5.1.7 Write MAIL FROM:<address>"))?;
    let (mut size, mut utf8) = (0, false);
    for parameter in parameters.split_whitespace() {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (key.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SIZE", value) => size = value.parse().map_err(|_| Reply::new(501, "5.5.4 SIZE is a number of bytes"))?,
            ("BODY", "7BIT" | "8BITMIME") => {}
            ("SMTPUTF8", "") => utf8 = true,
            _ => return Err(Reply::new(555, "5.5.4 No such parameter")),
        }
    }
    let from = match from {
        "" => None,
        from if !is_address(from) => return Err(Reply::new(501, "5.1.7 Not an address")),
        from if !from.is_ascii() && !utf8 => return Err(Reply::new(553, "5.6.7 SMTPUTF8 is needed")),
        from => Some(from.to_owned()),
    };
    Ok(Command::Mail { from, size, utf8 })
}

fn recipient(rest: &str) -> Result<Command, Reply> {
    let path = after(rest, "TO:").ok_or(Reply::new(501, "5.5.4 Write RCPT TO:<address>"))?;
    match in_brackets(path) {
        Some((_, parameters)) if !parameters.trim().is_empty() => Err(Reply::new(555, "5.5.4 No such parameter")),
        Some((to, _)) if is_address(to) => Ok(Command::Recipient(to.to_owned())),
        _ => Err(Reply::new(501, "5.1.3 Not an address")),
    }
}

/// What follows `word`, in upper or lower case.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then(|| rest.trim_start())
}

/// What stands in `<…>`, where a quoted part may hold a `>`, and what follows.
fn in_brackets(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => {
                let (inside, rest) = (text.get(..at)?, text.get(at + 1..)?);
                return (rest.is_empty() || rest.starts_with(' ')).then_some((inside, rest));
            }
            _ => {}
        }
    }
    None
}

/// `local@domain`, the local part plain or quoted; no list, no route, no comment.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| !part.contains(|char: char| char.is_whitespace() || "@<>()[]:;,\\\"".contains(char));
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let literal = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(domain);
    text.len() <= ADDRESS_BYTES
        && (1..=LOCAL_BYTES).contains(&local.len())
        && (quoted || plain(local))
        && !domain.is_empty()
        && !literal.contains(|char: char| char.is_whitespace() || "@<>()[];,\\\"".contains(char))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(line: &str) -> u16 {
        parse(line.as_bytes()).unwrap_err().code()
    }

    fn to(line: &str) -> Option<String> {
        match parse(line.as_bytes()) {
            Ok(Command::Recipient(to)) => Some(to),
            _ => None,
        }
    }

    #[test]
    fn commands_are_read_in_any_case() {
        let name = "client.example".to_owned();
        assert_eq!(parse(b"ehlo client.example"), Ok(Command::Hello { extended: true, name: name.clone() }));
        assert_eq!(parse(b"HELO client.example "), Ok(Command::Hello { extended: false, name }));
        let from = Some("a@b.example".to_owned());
        assert_eq!(parse(b"mail From:<a@b.example> size=12 BODY=8BITMIME"), Ok(Command::Mail { from, size: 12, utf8: false }));
        assert_eq!(parse(b"MAIL FROM:<>"), Ok(Command::Mail { from: None, size: 0, utf8: false }));
        assert_eq!(parse(b"DATA"), Ok(Command::Data));
        assert_eq!(parse(b"NOOP whatever"), Ok(Command::Noop));
    }

    #[test]
    fn addresses_are_one_each() {
        assert_eq!(to("RCPT TO:<anna+a@b.example>").unwrap(), "anna+a@b.example");
        assert_eq!(to("RCPT TO: <\"a > b\"@b.example>").unwrap(), "\"a > b\"@b.example");
        assert_eq!(to("RCPT TO:<änna@b.example>").unwrap(), "änna@b.example");
        assert_eq!(to("RCPT TO:<a@[127.0.0.1]>").unwrap(), "a@[127.0.0.1]");
        for line in [
            "RCPT TO:<>",
            "RCPT TO:a@b.example",
            "RCPT TO:<a@b.example>,<c@d.example>",
            "RCPT TO:<a@b.example,c@d.example>",
            "RCPT TO:<@relay.example:a@b.example>",
            "RCPT TO:<a b@c.example>",
            "RCPT TO:<a@b@c.example>",
            "RCPT TO:<\"a>@b.example>",
            "RCPT TO:<a@>",
            "RCPT TO:<@b>",
            "RCPT TO:<a@b\u{2028}c>",
            &format!("RCPT TO:<{}@b.example>", "a".repeat(65)),
            &format!("RCPT TO:<a@{}>", "b".repeat(254)),
        ] {
            assert_eq!(code(line), 501, "{line}");
        }
    }

    #[test]
    fn each_fault_has_its_code() {
        assert_eq!(code("EHLO"), 501);
        assert_eq!(code("EHLO two words"), 501);
        assert_eq!(code("MAIL TO:<a@b.example>"), 501);
        assert_eq!(code("MAIL FROM:<a@b.example> SIZE=big"), 501);
        assert_eq!(code("MAIL FROM:<a@b.example> COLOUR=red"), 555);
        assert_eq!(code("MAIL FROM:<ä@b.example>"), 553);
        assert_eq!(code("RCPT TO:<a@b.example> NOTIFY=NEVER"), 555);
        assert_eq!(code("DATA now"), 501);
        assert_eq!(code("STARTTLS"), 502);
        assert_eq!(code("FETCH"), 500);
        assert_eq!(code(""), 500);
        assert_eq!(code("RCPT TO:<a@b.example>\r\nDATA"), 500);
        assert_eq!(parse(b"NOOP \xff").unwrap_err().code(), 500);
    }

    proptest! {
        #[test]
        fn nothing_panics(line in any::<Vec<u8>>()) {
            let _ = parse(&line);
        }

        #[test]
        fn what_is_taken_for_an_address_fits_in_a_line(path in "[a-z@<>\" .,:;()äé\\\\]{0,40}") {
            if let Ok(Command::Recipient(to)) = parse(format!("RCPT TO:{path}").as_bytes()) {
                prop_assert!(to.contains('@') && !to.contains(char::is_control));
            }
        }
    }
}
