/*
 * Debian's libpcap can also capture on D-Bus, and so needs libdbus and seven libraries more, which
 * a wheel would have to bring along. The program only reads and writes files; these two functions
 * stand in for the part of libpcap.a that wants libdbus, which is then left out.
 */
#include <stddef.h>

struct pcap;
struct pcap_if_list;

int dbus_findalldevs(struct pcap_if_list* devices, char* error);
struct pcap* dbus_create(const char* device, char* error, int* is_ours);

/* Adds no device. */
int dbus_findalldevs(struct pcap_if_list* devices, char* error) {
  (void)devices;
  (void)error;
  return 0;
}

/* No device is on D-Bus. */
struct pcap* dbus_create(const char* device, char* error, int* is_ours) {
  (void)device;
  (void)error;
  *is_ours = 0;
  return NULL;
}
