package ray

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const (
	// TokenEnv is Ray's own variable for the token of its job API.
	TokenEnv = "RAY_AUTH_TOKEN" //nolint:gosec // a name
	// PortEnv fixes the port at which the glue waits for the session, for clusters behind a firewall or a port-forward.
	PortEnv = "RIVULET_RAY_PORT"

	jobStart   = 90 * time.Second
	jobPolling = 200 * time.Millisecond
)

// job is the glue as a job of the cluster, submitted over HTTP.
type job struct {
	api  api
	id   string
	data string // where the glue listens
}

// errDataPort says that the glue runs and its port can't be reached.
var errDataPort = errors.New("the data port can't be reached")

// listens is what the glue prints when it waits for its session.
var listens = regexp.MustCompile(`RIVULET LISTENS (\S+):(\d+)`)

// submitJob starts the glue at the cluster whose dashboard is at base, and connects to it.
func submitJob(ctx context.Context, base string) (*job, net.Conn, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, nil, fmt.Errorf("%q is not the address of a Ray dashboard", base)
	}
	if err := probe(ctx, hostPort(u)); err != nil {
		return nil, nil, err
	}
	pem, config, err := sessionKey()
	if err != nil {
		return nil, nil, err
	}
	token := make([]byte, 32)
	if _, err := rand.Read(token); err != nil {
		return nil, nil, err
	}
	j := &job{api: api{base: strings.TrimRight(base, "/"), token: apiToken()}}
	if err := j.start(ctx, pem, token); err != nil {
		return nil, nil, err
	}
	conn, err := j.connect(ctx, u.Hostname(), config, token)
	if err != nil {
		j.stop()
		return nil, nil, err
	}
	return j, conn, nil
}

func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}

// apiToken is the token of the job API: from the environment, or where Ray keeps it.
func apiToken() string {
	if t := os.Getenv(TokenEnv); t != "" {
		return t
	}
	path := os.Getenv("RAY_AUTH_TOKEN_PATH")
	if home, err := os.UserHomeDir(); err == nil && path == "" {
		path = filepath.Join(home, ".ray", "auth_token")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// start uploads the glue, with the key of the session, and submits it.
func (j *job) start(ctx context.Context, pem, token []byte) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := addGlue(z); err != nil {
		return err
	}
	w, err := z.Create("session.pem")
	if err != nil {
		return err
	}
	if _, err := w.Write(pem); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(b.Bytes())
	name := "_ray_pkg_" + hex.EncodeToString(sum[:8]) + ".zip"
	if err := j.api.do(ctx, "PUT", "/api/packages/gcs/"+name, b.Bytes(), nil); err != nil {
		return fmt.Errorf("upload the glue: %w", err)
	}
	port := os.Getenv(PortEnv)
	if port == "" {
		port = "0"
	}
	digest := sha256.Sum256(token)
	var submitted struct {
		ID string `json:"submission_id"`
	}
	job := map[string]any{
		"entrypoint":  fmt.Sprintf("python -c 'import job; job.main()' %s %s", port, hex.EncodeToString(digest[:])),
		"runtime_env": map[string]any{"working_dir": "gcs://" + name},
		"metadata":    map[string]string{"name": "rivulet session"},
	}
	for start := time.Now(); ; {
		if err = j.api.do(ctx, "POST", "/api/jobs/", job, &submitted); err == nil {
			j.id = submitted.ID
			return nil
		}
		if !strings.Contains(err.Error(), noAgent) || time.Since(start) > agentTimeout {
			return fmt.Errorf("submit the glue: %w", err)
		}
		select {
		case <-time.After(agentPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A dashboard that has just started knows no agent yet to which it could give a job, and says so.
const (
	noAgent      = "No available agent"
	agentPause   = 500 * time.Millisecond
	agentTimeout = 20 * time.Second
)

// connect waits until the glue listens, and dials its node, or else the host of the dashboard, which may forward the port.
func (j *job) connect(ctx context.Context, host string, config *tls.Config, token []byte) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, jobStart)
	defer cancel()
	node, port, err := j.listening(ctx)
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, h := range []string{node, host} {
		conn, err := dialTLS(ctx, net.JoinHostPort(h, port), config)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if _, err := conn.Write(token); err != nil {
			_ = conn.Close()
			return nil, err
		}
		j.data = net.JoinHostPort(h, port)
		return conn, nil
	}
	return nil, fmt.Errorf("the glue listens at %s:%s, %w from here (%s fixes it, for a port-forward): %w",
		node, port, errDataPort, PortEnv, errors.Join(failed...))
}

func dialTLS(ctx context.Context, address string, config *tls.Config) (net.Conn, error) {
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: probeTimeout}, Config: config}
	return d.DialContext(ctx, "tcp", address)
}

func (j *job) listening(ctx context.Context) (node, port string, err error) {
	for {
		var logs struct{ Logs string }
		var info struct{ Status, Message string }
		if err := j.api.do(ctx, "GET", "/api/jobs/"+j.id+"/logs", nil, &logs); err == nil {
			if m := listens.FindStringSubmatch(logs.Logs); m != nil {
				return m[1], m[2], nil
			}
		}
		if err := j.api.do(ctx, "GET", "/api/jobs/"+j.id, nil, &info); err != nil {
			return "", "", err
		}
		if info.Status == "FAILED" || info.Status == "STOPPED" || info.Status == "SUCCEEDED" {
			return "", "", fmt.Errorf("the glue's job %s: %s %s\n%s", j.id, info.Status, info.Message, logs.Logs)
		}
		select {
		case <-time.After(jobPolling):
		case <-ctx.Done():
			return "", "", fmt.Errorf("the glue's job %s is %s after %v: %w", j.id, info.Status, jobStart, ctx.Err())
		}
	}
}

// wait waits until the job has ended, which its closed connection makes it, and stops it when that takes too long.
func (j *job) wait(timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for {
		var info struct{ Status string }
		err := j.api.do(ctx, "GET", "/api/jobs/"+j.id, nil, &info)
		if err == nil && info.Status != "RUNNING" && info.Status != "PENDING" {
			return nil
		}
		select {
		case <-time.After(jobPolling):
		case <-ctx.Done():
			j.stop()
			return fmt.Errorf("the glue's job %s did not end in %v", j.id, timeout)
		}
	}
}

func (j *job) kill() { j.stop() }

func (j *job) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	_ = j.api.do(ctx, "POST", "/api/jobs/"+j.id+"/stop", nil, nil)
}

// explain adds to an error of the start what the job wrote.
func (j *job) explain(err error) error {
	if errors.Is(err, io.EOF) {
		ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
		defer cancel()
		var logs struct{ Logs string }
		if j.api.do(ctx, "GET", "/api/jobs/"+j.id+"/logs", nil, &logs) == nil {
			return fmt.Errorf("start of Ray job %s: the glue ended\n%s", j.id, logs.Logs)
		}
	}
	return fmt.Errorf("start of Ray job %s: %w", j.id, err)
}

// last names the job, whose log the cluster keeps.
func (j *job) last() string {
	return fmt.Sprintf(" (Ray job %s: its log is at the cluster's dashboard)", j.id)
}
