//! The methods in a compiled `FileDescriptorSet`.
//!
//! The same bytes that server reflection is given name every method and say which of them stream.
//! Five fields of them are read, by hand: a protobuf library would be a dependency for that alone.

/// A method of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DescribedMethod {
    /// `package.Service/Method`.
    pub(crate) name: String,
    /// Whether either side sends a stream.
    pub(crate) streams: bool,
}

/// Reads the methods; `None` when the bytes are no descriptor set.
///
/// Field numbers are those of `google/protobuf/descriptor.proto`.
pub(crate) fn read(set: &[u8]) -> Option<Vec<DescribedMethod>> {
    let mut methods = Vec::new();
    for field in Fields(set) {
        if let (1, Value::Bytes(file)) = field? {
            read_file(file, &mut methods)?;
        }
    }
    Some(methods)
}

fn read_file(file: &[u8], methods: &mut Vec<DescribedMethod>) -> Option<()> {
    let mut package = "";
    let mut services = Vec::new();
    for field in Fields(file) {
        match field? {
            (2, Value::Bytes(name)) => package = std::str::from_utf8(name).ok()?,
            (6, Value::Bytes(service)) => services.push(service),
            _ => {}
        }
    }
    for service in services {
        read_service(package, service, methods)?;
    }
    Some(())
}

fn read_service(package: &str, service: &[u8], methods: &mut Vec<DescribedMethod>) -> Option<()> {
    let mut service_name = "";
    let mut found = Vec::new();
    for field in Fields(service) {
        match field? {
            (1, Value::Bytes(name)) => service_name = std::str::from_utf8(name).ok()?,
            (2, Value::Bytes(method)) => found.push(read_method(method)?),
            _ => {}
        }
    }
    let dot = if package.is_empty() { "" } else { "." };
    methods.extend(found.into_iter().map(|(name, streams)| DescribedMethod {
        name: format!("{package}{dot}{service_name}/{name}"),
        streams,
    }));
    Some(())
}

fn read_method(method: &[u8]) -> Option<(&str, bool)> {
    let mut method_name = "";
    let mut streams = false;
    for field in Fields(method) {
        match field? {
            (1, Value::Bytes(name)) => method_name = std::str::from_utf8(name).ok()?,
            (5 | 6, Value::Number(is_stream)) => streams |= is_stream != 0,
            _ => {}
        }
    }
    Some((method_name, streams))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of an encoded message; `None` where the encoding breaks off, and nothing after it.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.bytes(8).map(|_| Value::Fixed)?,
            2 => {
                let len = self.varint()?;
                Value::Bytes(self.bytes(usize::try_from(len).ok()?)?)
            }
            5 => self.bytes(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_of_the_health_service() {
        let methods = read(tonic_health::pb::FILE_DESCRIPTOR_SET).unwrap();
        let method = |name: &str, streams| DescribedMethod {
            name: format!("grpc.health.v1.Health/{name}"),
            streams,
        };
        assert!(methods.contains(&method("Check", false)), "{methods:?}");
        assert!(methods.contains(&method("Watch", true)), "{methods:?}");
    }

    #[test]
    fn what_breaks_off_is_refused() {
        let set = tonic_health::pb::FILE_DESCRIPTOR_SET;
        for bad in [
            &set[..set.len() - 1],
            b"\x0a",
            b"\x0a\x05a",
            b"\x0b",
            b"\xff\xff",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(read(b""), Some(Vec::new()));
    }
}
