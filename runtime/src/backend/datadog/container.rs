//! Which container this is, so that the Agent can add its tags.

use crate::pipeline::transport::sockets::inode as inode_of;

/// Inode of the host's own cgroup namespace (Linux, `PROC_CGROUP_INIT_INO`).
const HOST_NAMESPACE: u64 = 0xEFFF_FFFB;

/// The container's id: 64 hexadecimal digits in a path of `/proc/self/cgroup`.
pub(super) fn id() -> Option<String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    groups.lines().find_map(find)
}

fn find(line: &str) -> Option<String> {
    let is_id = |part: &&str| part.len() == 64 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let mut parts = line.split(['/', '-', '.', ':']);
    parts.find(is_id).map(str::to_owned)
}

/// `|c:..|e:..`: the origin of a datagram, by the protocol's versions 1.2 to 1.5.
pub(super) fn origin() -> String {
    let mut origin = match (id(), inode()) {
        (Some(id), _) => format!("|c:ci-{id}"),
        (None, Some(inode)) => format!("|c:in-{inode}"),
        (None, None) => String::new(),
    };
    if let Some(external) = crate::base::settings::text(&["DD_EXTERNAL_ENV"]) {
        let plain = |c: &char| c.is_ascii_graphic() && *c != '|';
        origin.push_str("|e:");
        origin.extend(external.chars().filter(plain));
    }
    origin
}

/// Of a container that does not know its id, the inode of its cgroup.
fn inode() -> Option<u64> {
    let namespace = inode_of("/proc/self/ns/cgroup")?;
    if namespace == HOST_NAMESPACE {
        return None;
    }
    inode_of("/sys/fs/cgroup")
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_found() {
        let id = "0123456789abcdef".repeat(4);
        for line in [
            format!("12:memory:/docker/{id}"),
            format!("0::/kubepods.slice/cri-containerd-{id}.scope"),
        ] {
            assert_eq!(super::find(&line), Some(id.clone()), "{line}");
        }
        assert_eq!(super::find("0::/"), None);
    }
}
