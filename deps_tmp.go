package main
import (
 _ "github.com/go-zeromq/zmq4"
 _ "github.com/traefik/yaegi/stdlib"
 _ "github.com/traefik/yaegi/stdlib/unsafe"
 _ "github.com/traefik/yaegi/interp"
 _ "github.com/apache/arrow/go/v17/arrow/array"
 _ "github.com/apache/arrow/go/v17/arrow/ipc"
 _ "github.com/apache/arrow/go/v17/parquet/pqarrow"
 _ "github.com/spf13/cobra"
 _ "golang.org/x/sys/unix"
 _ "golang.org/x/sync/errgroup"
 _ "github.com/klauspost/compress/zstd"
 _ "github.com/google/uuid"
 _ "go.uber.org/goleak"
)
