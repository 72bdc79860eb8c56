package ray

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
)

// protocol is the version of the frames between session and glue.
const protocol = 1

const (
	maxHeaderBytes  = 1 << 20
	maxPayloadBytes = 4 << 30
)

// event is a frame's header, either way. Fields that a kind of frame does not use are left out.
type event struct {
	Kind      string   `json:"t"`
	Task      int64    `json:"task,omitempty"`
	Call      int64    `json:"call,omitempty"`
	Block     int64    `json:"block,omitempty"`
	Node      string   `json:"node,omitempty"`
	Lost      string   `json:"lost,omitempty"`
	Log       string   `json:"log,omitempty"` // the end of what a worker wrote
	Error     string   `json:"error,omitempty"`
	Missing   []string `json:"missing,omitempty"` // nodes that do not see a file
	Gone      []bool   `json:"gone,omitempty"`    // blocks
	Protocol  int      `json:"protocol,omitempty"`
	Ray       string   `json:"ray,omitempty"`
	Python    string   `json:"python,omitempty"`
	Dashboard string   `json:"dashboard,omitempty"`
	Nodes     []Node   `json:"nodes,omitempty"`
	Held      int      `json:"held,omitempty"` // blocks

	payload []byte
}

// Node is a machine of the cluster.
type Node struct {
	ID      string  `json:"id"`
	Address string  `json:"address"`
	Host    string  `json:"host"` // its own name for itself
	CPUs    float64 `json:"cpus"`
	Lent    float64 `json:"lent,omitempty"` // of CPUs: tasks have them; told by inspect alone
	// MemoryBytes is what Ray gives to tasks, StoreBytes its object store.
	MemoryBytes int64 `json:"memory"`
	StoreBytes  int64 `json:"store"`

	// Facts and Silent are the answers to inspect: what the node says of itself, and why it does not.
	Facts  *nodeFacts `json:"facts,omitempty"`
	Silent string     `json:"silent,omitempty"`
}

type nodeFacts struct {
	Ray, Python, System, Machine string
	SharedBytes                  int64 `json:"shm"`  // of /dev/shm
	DiskBytes                    int64 `json:"disk"` // free where Ray spills
}

// frames is one end of the socket. Any goroutine may send, one receives.
type frames struct {
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex
}

func newFrames(conn net.Conn) *frames {
	return &frames{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
}

func (f *frames) send(header any, payload []byte) error {
	head, err := json.Marshal(header)
	if err != nil {
		return err
	}
	out := make([]byte, 12, 12+len(head))
	binary.LittleEndian.PutUint32(out, uint32(len(head)))
	binary.LittleEndian.PutUint64(out[4:], uint64(len(payload)))
	parts := net.Buffers{append(out, head...)}
	if len(payload) > 0 {
		parts = append(parts, payload)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = parts.WriteTo(f.conn)
	return err
}

// receive reads the next frame. Where body is not nil and takes the event, it reads all of the payload itself.
func (f *frames) receive(body func(event, *io.LimitedReader) bool) (event, error) {
	var lengths [12]byte
	if _, err := io.ReadFull(f.in, lengths[:]); err != nil {
		return event{}, err
	}
	head, size := binary.LittleEndian.Uint32(lengths[:]), binary.LittleEndian.Uint64(lengths[4:])
	if head > maxHeaderBytes || size > maxPayloadBytes {
		return event{}, fmt.Errorf("a frame of %d and %d bytes", head, size)
	}
	header := make([]byte, head)
	if _, err := io.ReadFull(f.in, header); err != nil {
		return event{}, err
	}
	var e event
	if err := json.Unmarshal(header, &e); err != nil {
		return event{}, fmt.Errorf("frame header: %w", err)
	}
	rest := &io.LimitedReader{R: f.in, N: int64(size)}
	if body != nil && body(e, rest) {
		_, err := io.Copy(io.Discard, rest)
		return e, err
	}
	e.payload = make([]byte, size)
	_, err := io.ReadFull(rest, e.payload)
	return e, err
}
