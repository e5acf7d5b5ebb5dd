package acceptance

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// startPatience is how long the service may take until it answers.
const startPatience = 10 * time.Second

// service is the address of the running service.
var service string

func TestMain(m *testing.M) {
	stop, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the service of the package does not start:", err)
		os.Exit(1)
	}
	status := m.Run()
	stop()
	os.Exit(status)
}

// start runs the binary of the package on a free port and waits until it answers.
func start() (stop func(), err error) {
	folder := os.Getenv("PACKAGE")
	if folder == "" {
		return nil, errors.New("PACKAGE is not set: it is the folder of the package to test")
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(folder, "bin", "go-httpbin"))
	cmd.Env = append(os.Environ(),
		"HOST=127.0.0.1", "PORT="+strconv.Itoa(port), "USE_FULL_VERSION=1", "LOG_LEVEL=WARN")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan string, 1)
	go func() {
		_ = cmd.Wait() // the state says it all
		ended <- cmd.ProcessState.String()
	}()
	stop = func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	service = "http://127.0.0.1:" + strconv.Itoa(port)
	if err := await(ended); err != nil {
		_ = cmd.Process.Kill()
		return nil, err
	}
	return stop, nil
}

// await returns when the service answers, has ended or takes too long.
func await(ended <-chan string) error {
	late := time.After(startPatience)
	for {
		response, err := http.Get(service + "/status/200")
		if err == nil {
			response.Body.Close()
			return nil
		}
		select {
		case how := <-ended:
			return fmt.Errorf("it ended by itself: %s", how)
		case <-late:
			return fmt.Errorf("it does not answer within %s: %w", startPatience, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
