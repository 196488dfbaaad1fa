//! Origin detection: the identity of this process's container, from which the Agent derives container tags.

use crate::pipeline::transport::sockets::inode as inode_of;

/// The inode of the host's cgroup namespace (`PROC_CGROUP_INIT_INO` in Linux's `proc_ns.h`).
const HOST_NAMESPACE: u64 = 0xEFFF_FFFB;

/// Returns the container's id: the 64 hexadecimal digits in a path of `/proc/self/cgroup`.
pub(super) fn id() -> Option<String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    groups.lines().find_map(find)
}

fn find(line: &str) -> Option<String> {
    let is_id = |part: &&str| part.len() == 64 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let mut parts = line.split(['/', '-', '.', ':']);
    parts.find(is_id).map(str::to_owned)
}

/// Returns the origin fields of a datagram, `|c:..|e:..`, as versions 1.2 to 1.5 of the DogStatsD protocol define them.
pub(super) fn origin() -> String {
    let mut origin = match (id(), inode()) {
        (Some(id), _) => format!("|c:ci-{id}"),
        (None, Some(inode)) => format!("|c:in-{inode}"),
        (None, None) => String::new(),
    };
    if let Some(external) = crate::base::settings::text(&["DD_EXTERNAL_ENV"]) {
        let is_allowed = |c: &char| c.is_ascii_graphic() && *c != '|';
        origin.push_str("|e:");
        origin.extend(external.chars().filter(is_allowed));
    }
    origin
}

/// Returns the inode of this container's cgroup, which identifies a container whose id is not visible from inside;
/// `None` on the host.
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
    fn a_container_id_is_found_in_its_cgroup_path() {
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
