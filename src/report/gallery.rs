//! stub gallery
pub fn draw(
    _s: &crate::scenario::Scenario,
    _o: &crate::engine::Outcome,
) -> Result<Vec<(String, Vec<u8>)>, std::fmt::Error> {
    Ok(vec![])
}
