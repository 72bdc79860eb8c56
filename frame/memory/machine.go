package memory

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// fallbackMemory is assumed where the system does not tell.
const fallbackMemory = 4 << 30

// machineMemory is the smaller of the machine's memory and the limits of the cgroups the process is in.
func machineMemory() int64 {
	total := memTotal("/proc/meminfo")
	for _, path := range cgroupLimits("/proc/self/cgroup", "/sys/fs/cgroup") {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64); err == nil && n > 0 && n < total {
			total = n
		}
	}
	return total
}

func memTotal(path string) int64 {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fallbackMemory
	}
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	return fallbackMemory
}

// cgroupLimits lists the files that may limit the process: its cgroup and every one above, for both versions.
func cgroupLimits(self, root string) []string {
	raw, err := os.ReadFile(self)
	if err != nil {
		return nil
	}
	var paths []string
	for line := range strings.Lines(string(raw)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		base, file := root, "memory.max"
		if strings.Contains(","+parts[1]+",", ",memory,") {
			base, file = filepath.Join(root, "memory"), "memory.limit_in_bytes"
		} else if parts[1] != "" {
			continue
		}
		for dir := filepath.Clean("/" + parts[2]); ; dir = filepath.Dir(dir) {
			paths = append(paths, filepath.Join(base, dir, file))
			if dir == "/" {
				break
			}
		}
	}
	return paths
}
