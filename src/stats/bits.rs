//! Floats written as their bits, so that what is read back is what was written.
//!
//! For `#[serde(with = "…")]`: a format's decimals may lose the last bit, and JSON has no
//! way to write an infinity. Read next: `sparse`, which writes sketches so.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape `serde(with)` asks for")]
pub(crate) fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    x.to_bits().serialize(to)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(f64::from_bits(u64::deserialize(from)?))
}

/// The same for rows of rows.
pub(crate) mod rows {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        rows: &[Vec<f64>],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let bits = |row: &Vec<f64>| row.iter().map(|x| x.to_bits()).collect();
        rows.iter().map(bits).collect::<Vec<Vec<u64>>>().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Vec<f64>>, D::Error> {
        let rows = Vec::<Vec<u64>>::deserialize(from)?;
        let floats = |row: Vec<u64>| row.into_iter().map(f64::from_bits).collect();
        Ok(rows.into_iter().map(floats).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct One(#[serde(with = "super")] f64);

    #[test]
    fn every_float_comes_back_as_it_was() {
        for x in [0.1, -0.0, 5e-324, f64::MAX, f64::NEG_INFINITY, f64::NAN] {
            let text = serde_json::to_string(&One(x)).unwrap();
            let back: One = serde_json::from_str(&text).unwrap();
            assert_eq!(back.0.to_bits(), x.to_bits());
        }
    }
}
