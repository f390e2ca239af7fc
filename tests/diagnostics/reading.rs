//! Files that cannot be read, and one that can.

use rackcast::input::{MAX_BYTES, Uncertain, read_file, read_str};
use rackcast::profile::Accelerator;

use super::{CHIP, said};

#[test]
fn a_valid_file_is_a_value_and_nothing_is_said() {
    let read = read_str::<Accelerator>("chip.toml", CHIP);
    assert_eq!(read.diagnostics.to_string(), "");
    let chip = read.into_result().unwrap();
    assert_eq!(chip.memory.capacity_gb, Uncertain::Exactly(80.0));
    assert_eq!(chip.purchase[0].as_of.to_string(), "2024-Q4");
}

#[test]
fn files_that_cannot_be_read_are_diagnostics_too() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, bytes: Option<&[u8]>| {
        let path = folder.path().join(name);
        if let Some(bytes) = bytes {
            std::fs::write(&path, bytes).unwrap();
        }
        let said = said(&read_file::<Accelerator>(&path));
        said.replace(&format!("{}/", folder.path().display()), "")
    };
    let missing = read("no.toml", None);
    assert!(missing.starts_with("error[E0002]: cannot read the file: "), "{missing}");
    assert!(missing.ends_with("\n--> no.toml"), "{missing}");
    assert!(read(".", None).starts_with("error[E0002]: "));
    assert_eq!(
        read("latin.toml", Some(b"id = \"caf\xe9\"\n")),
        "\
error[E0003]: the file is not UTF-8: byte 9 begins no letter
 --> latin.toml:1:10
  |
1 | id = \"caf\u{fffd}\"
  |          ^
  |
  = help: save it as UTF-8"
    );
    assert_eq!(
        read("large.toml", Some(&vec![b'\n'; MAX_BYTES + 1])),
        "error[E0004]: the file is larger than 16 MiB\n--> large.toml"
    );
    assert_eq!(read("fine.toml", Some(CHIP.as_bytes())), "");
}

#[test]
fn tables_too_deep_are_refused() {
    let text = format!("{}b = 1", "a.".repeat(70));
    let drawn = said(&read_str::<Accelerator>("deep.toml", &text));
    assert!(
        drawn.starts_with(
            "error[E0005]: tables lie too deep within each other\n --> deep.toml:1:129"
        ),
        "{drawn}"
    );
    let keys = vec!["a"; 78].join(".");
    let wide = format!("{}z = 1{}", format!("{keys} = {{ ").repeat(79), "}".repeat(79));
    let long = format!("a = {}", "[".repeat(1_000_000));
    for text in [wide, long, format!("a = {}", "[{ b = ".repeat(1_000))] {
        let read = move || said(&read_str::<Accelerator>("deep.toml", &text));
        let small = std::thread::Builder::new().stack_size(1 << 19).spawn(read).unwrap();
        let drawn = small.join().unwrap();
        assert!(drawn.starts_with("error[E0005]: "), "{drawn}");
    }
}

#[test]
fn a_profile_whose_id_is_not_its_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let chips = folder.path().join("accelerators");
    std::fs::create_dir(&chips).unwrap();
    std::fs::write(chips.join("other.toml"), CHIP).unwrap();
    let wrong = rackcast::profile::Catalogue::shipped().with_folder(folder.path());
    let text = wrong.unwrap_err().to_string();
    let text = text.replace(&format!("{}/", chips.display()), "");
    let first = text.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("error[E0209]: `id` must be the name of the file"),
        "{text}"
    );
    assert!(text.contains("--> other.toml:"), "{text}");
    assert!(text.contains("or rename the file to"), "{text}");
}
