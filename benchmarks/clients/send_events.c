// Sends events over HTTP to a server on this machine, cheaply enough not to be what is measured.
//
//   send_events PORT CONNECTIONS REQUESTS ARRAY PAYLOAD TYPE RATE
//
// Each request is an array of ARRAY events of TYPE (one event without an array for 1), each with a payload of PAYLOAD
// bytes of text and an id of its own: e000000000 and so on. RATE requests a second are begun at their time, whether
// others have been answered or not, each over a connection that is free; with a rate of 0 every connection sends its
// next request as soon as its last is answered. One thread; the text is made once, and only its ids change.
//
// One line of JSON says how long it took, and in milliseconds how long the answers took and how late requests began.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { id_digits = 9, answer_room = 1 << 16 };

struct settings {
  int port, connections, requests, array, payload;
  const char *type;
  double rate;
};

// The bytes of a request, and where in them the digits of its ids stand.
struct message {
  char *bytes;
  size_t length, *places;
};

struct connection {
  int descriptor, busy;
  struct message message;
  size_t sent, received;
  double began;
  char answer[answer_room];
};

struct figures {
  double *answers, *lateness;
  int count;
};

static void fail(const char *what) {
  fprintf(stderr, "%s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void *room(size_t size) {
  void *memory = calloc(1, size ? size : 1);
  if (!memory) fail("There is no memory");
  return memory;
}

static struct message message_of(const struct settings *settings) {
  char *padding = room(settings->payload + 1);
  memset(padding, 'x', settings->payload);
  size_t most = (size_t)settings->array * (settings->payload + 200) + 2, length = 0;
  char *body = room(most);
  struct message message = {.places = room(sizeof(size_t) * settings->array)};
  if (settings->array > 1) body[length++] = '[';
  for (int event = 0; event < settings->array; event++) {
    if (event > 0) body[length++] = ',';
    length += sprintf(body + length, "{\"id\":\"e");
    message.places[event] = length;
    length += sprintf(
        body + length, "%0*d\",\"type\":\"%s\",\"tenant_id\":\"bench\",\"payload\":{\"body\":\"%s\"}}", id_digits, 0,
        settings->type, padding);
  }
  if (settings->array > 1) body[length++] = ']';
  message.bytes = room(length + 300);
  size_t head = sprintf(
      message.bytes,
      "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
      settings->port, length);
  memcpy(message.bytes + head, body, length);
  for (int event = 0; event < settings->array; event++) message.places[event] += head;
  message.length = head + length;
  free(body);
  free(padding);
  return message;
}

static void number_events(struct message *message, int array, long first) {
  for (int event = 0; event < array; event++) {
    long number = first + event;
    char *digit = message->bytes + message->places[event] + id_digits;
    for (int place = 0; place < id_digits; place++, number /= 10) *--digit = '0' + number % 10;
  }
}

static void open_connection(struct connection *connection, const struct settings *settings) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(settings->port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("Cannot connect");
  setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
  connection->message = message_of(settings);
}

static void push(struct connection *connection) {
  while (connection->sent < connection->message.length) {
    ssize_t count = write(
        connection->descriptor, connection->message.bytes + connection->sent,
        connection->message.length - connection->sent);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) fail("Cannot send");
    connection->sent += count;
  }
}

static void begin(struct connection *connection, const struct settings *settings, int request, double moment) {
  number_events(&connection->message, settings->array, (long)request * settings->array);
  connection->busy = 1;
  connection->sent = connection->received = 0;
  connection->began = moment;
  push(connection);
}

// True once a whole answer is there; the program ends where it is not 202.
static int is_answered(struct connection *connection) {
  ssize_t count = read(
      connection->descriptor, connection->answer + connection->received, answer_room - 1 - connection->received);
  if (count < 0 && errno == EAGAIN) return 0;
  if (count <= 0) fail("The server has closed a connection");
  connection->received += count;
  connection->answer[connection->received] = 0;
  char *end = strstr(connection->answer, "\r\n\r\n");
  if (!end) return 0;
  char *length = strcasestr(connection->answer, "\r\ncontent-length:");
  if (!length || length > end) fail("The server's answer has no length");
  size_t whole = end + 4 - connection->answer + strtoul(length + 17, NULL, 10);
  if (whole > answer_room - 1) fail("The server's answer is too long");
  if (connection->received < whole) return 0;
  if (strncmp(connection->answer, "HTTP/1.1 202", 12) != 0) {
    errno = 0;
    fail(connection->answer);
  }
  return 1;
}

static struct connection *free_connection(struct connection *all, int count) {
  for (int place = 0; place < count; place++)
    if (!all[place].busy) return &all[place];
  return NULL;
}

// Begins what is due, and returns for how many seconds nothing else is; -1 where only answers are awaited.
static double begin_due(
    struct connection *all, const struct settings *settings, double start, int *next, struct figures *figures) {
  while (*next < settings->requests) {
    struct connection *connection = free_connection(all, settings->connections);
    if (!connection) return -1;
    double moment = now(), due = settings->rate > 0 ? start + *next / settings->rate : moment;
    if (due > moment) return due - moment;
    figures->lateness[*next] = moment - due;
    begin(connection, settings, (*next)++, moment);
  }
  return -1;
}

static void drive(struct connection *all, const struct settings *settings, struct figures *figures) {
  struct pollfd *watched = room(sizeof *watched * settings->connections);
  double start = now();
  int next = 0;
  while (figures->count < settings->requests) {
    double pause = begin_due(all, settings, start, &next, figures);
    for (int place = 0; place < settings->connections; place++) {
      int sending = all[place].busy && all[place].sent < all[place].message.length;
      watched[place] = (struct pollfd){all[place].descriptor, POLLIN | (sending ? POLLOUT : 0), 0};
    }
    struct timespec time = {(time_t)pause, (long)((pause - (time_t)pause) * 1e9)};
    if (ppoll(watched, settings->connections, pause < 0 ? NULL : &time, NULL) < 0) fail("Cannot wait");
    for (int place = 0; place < settings->connections; place++) {
      struct connection *connection = &all[place];
      if (watched[place].revents & POLLOUT) push(connection);
      if (!(watched[place].revents & ~POLLOUT) || !is_answered(connection)) continue;
      figures->answers[figures->count++] = now() - connection->began;
      connection->busy = 0;
    }
  }
  free(watched);
}

static int in_order(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

static void print_milliseconds(const char *name, double *values, int count) {
  double sum = 0;
  for (int place = 0; place < count; place++) sum += values[place];
  qsort(values, count, sizeof *values, in_order);
  const double shares[] = {0.5, 0.95, 0.99, 1};
  const char *names[] = {"p50", "p95", "p99", "most"};
  printf(", \"%s\": {", name);
  for (int place = 0; place < 4; place++) {
    int index = (int)(count * shares[place]);
    printf("\"%s\": %.3f, ", names[place], 1000 * values[index < count ? index : count - 1]);
  }
  printf("\"mean\": %.3f}", 1000 * sum / count);
}

int main(int count, char **words) {
  if (count != 8) fail("usage: send_events PORT CONNECTIONS REQUESTS ARRAY PAYLOAD TYPE RATE");
  struct settings settings = {
      atoi(words[1]), atoi(words[2]), atoi(words[3]), atoi(words[4]), atoi(words[5]), words[6], atof(words[7])};
  if (settings.connections < 1 || settings.requests < 1 || settings.array < 1) fail("Numbers begin at 1");
  struct connection *all = room(sizeof *all * settings.connections);
  for (int place = 0; place < settings.connections; place++) open_connection(&all[place], &settings);
  struct figures figures = {room(sizeof(double) * settings.requests), room(sizeof(double) * settings.requests), 0};
  double start = now();
  drive(all, &settings, &figures);
  double seconds = now() - start;
  printf("{\"seconds\": %.4f, \"events\": %ld", seconds, (long)settings.requests * settings.array);
  print_milliseconds("answer_ms", figures.answers, figures.count);
  print_milliseconds("late_ms", figures.lateness, settings.requests);
  printf("}\n");
  return 0;
}
