// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network configuration by the host: what it says taken apart, written down
 * for five ways to configure a network, put into force and put back.
 */
/* srcs: tools/kvp/ip_parse.c tools/kvp/ip_render.c tools/kvp/ip_apply.c */
/* srcs: tools/kvp/ip_query.c tools/kvp/scripts.c tools/kvp/exchange_ip.c */
/* srcs: tools/kvp/kvp.c tools/kvp/pool.c tools/kvp/facts.c tools/lib/file.c */
/* srcs: tools/lib/text.c tools/lib/run.c tools/lib/say.c tools/lib/service.c */
/* srcs: tools/lib/device.c */
#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/tool_scratch.h"
#include "tools/kvp/ip.h"
#include "tools/kvp/kvp.h"
#include "tools/kvp/scripts.h"

static struct hv_kvp_ipaddr_value value;
static struct ip_config c;
static char text[8192], why[256];

/* What the programs were, and which one fails */
static char ran[2048], fails[64];
static bool up;

static int fake_run(const char *const argv[], int limit_ms, char *out,
		    size_t size)
{
	char line[512] = "";
	int i;

	(void)limit_ms;
	for (i = 0; argv[i]; i++) {
		strcat(line, i ? " " : "");
		strcat(line, !strncmp(argv[i], scratch, strlen(scratch)) ?
		       argv[i] + strlen(scratch) : argv[i]);
	}
	strcat(ran, line);
	strcat(ran, "\n");
	snprintf(out, size, "its complaint\nand more");
	return *fails && !strncmp(line, fails, strlen(fails)) ? 4 : 0;
}

static bool fake_there(const struct ip_config *config, int limit_ms)
{
	(void)config;
	(void)limit_ms;
	return up;
}

static struct ip_way way = {
	.root = scratch,
	.backend = "auto",
	.run = fake_run,
	.there = fake_there,
};

static struct kvp k;
static struct hv_kvp_msg msg;

static int begin(void **state)
{
	memset(&value, 0, sizeof(value));
	memset(&c, 0, sizeof(c));
	strcpy(c.name, "eth0");
	strcpy(c.mac, "00:15:5d:01:02:03");
	ran[0] = '\0';
	fails[0] = '\0';
	up = true;
	way.backend = "auto";
	if (scratch_begin(state) || kvp_init(&k, scratch))
		return -1;
	k.ip = &kvp_ip_ops;
	k.way = &way;
	return 0;
}

static int end(void **state)
{
	kvp_end(&k);
	return scratch_end(state);
}

static void say_lists(const char *addresses, const char *masks,
		      const char *gateways, const char *servers)
{
	memset(&value, 0, sizeof(value));
	strcpy((char *)value.ip_addr, addresses);
	strcpy((char *)value.sub_net, masks);
	strcpy((char *)value.gate_way, gateways);
	strcpy((char *)value.dns_addr, servers);
}

static void parse_usual(void)
{
	say_lists("10.0.0.5;10.0.1.5;fd00::5;fd00::6",
		  "255.255.255.0;255.255.0.0;64;/48", "10.0.0.1;fd00::1",
		  "10.0.0.2;1.1.1.1;fd00::2");
	assert_true(ip_parse(&c, &value, why, sizeof(why)));
}

static void parse_dhcp(void)
{
	say_lists("10.0.0.5", "", "10.0.0.1", "");
	value.dhcp_enabled = 1;
	assert_true(ip_parse(&c, &value, why, sizeof(why)));
	assert_int_equal(c.addresses.count, 0);
}

static void test_parse(void **state)
{
	(void)state;
	parse_usual();
	assert_int_equal(c.addresses.count, 4);
	assert_int_equal(c.addresses.at[0].prefix, 24);
	assert_int_equal(c.addresses.at[1].prefix, 16);
	assert_int_equal(c.addresses.at[2].prefix, 64);
	assert_int_equal(c.addresses.at[3].prefix, 48);
	assert_int_equal(c.gateways.count, 2);
	assert_int_equal(c.servers.count, 3);
	/* blanks and empty elements are harmless */
	say_lists(" 10.0.0.5 ;;", "255.255.255.128 ;", ";", "");
	assert_true(ip_parse(&c, &value, why, sizeof(why)));
	assert_int_equal(c.addresses.count, 1);
	assert_int_equal(c.addresses.at[0].prefix, 25);
	assert_int_equal(c.gateways.count, 0);
	assert_int_equal(ip_prefix("ffff:ffff::", true), 32);
	assert_int_equal(ip_prefix("255.0.255.0", false), -1);
}

static void test_hostile(void **state)
{
	static const char *const bad[][4] = {
		{ "", "", "", "" },
		{ "10.0.0.5", "", "", "" },
		{ "10.0.0.5", "255.255.255.1", "", "" },
		{ "10.0.0.5", "33", "", "" },
		{ "10.0.0.5", "0", "", "" },
		{ "10.0.0.5", "-1", "", "" },
		{ "10.0.0.5\nPOST_UP=reboot", "24", "", "" },
		{ "10.0.0.5", "24\nup reboot", "", "" },
		{ "10.0.0.5", "24", "$(reboot)", "" },
		{ "10.0.0.5", "24", "10.0.0.1", "`reboot`" },
		{ "10.0.0.5", "24", "10.0.0.1", "1.1.1.1 options rotate" },
		{ "fe80::1%eth0", "64", "", "" },
		{ "300.1.1.1", "24", "", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		say_lists(bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
		assert_false(ip_parse(&c, &value, why, sizeof(why)));
		assert_true(*why);
	}
	/* more than anybody has */
	for (i = 0; i < 100; i++)
		strcat((char *)value.ip_addr, ";10.0.0.5");
	assert_false(ip_parse(&c, &value, why, sizeof(why)));
	memset(value.ip_addr, ';', sizeof(value.ip_addr));
	assert_false(ip_parse(&c, &value, why, sizeof(why)));
}

static void test_keyfile(void **state)
{
	(void)state;
	parse_usual();
	assert_true(ip_render(IP_KEYFILE, &c, NULL, text, sizeof(text)));
	assert_non_null(strstr(text, "[ethernet]\nmac-address=00:15:5d:01:02:03\n"));
	assert_non_null(strstr(text, "\n[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\n"
		"address2=10.0.1.5/16\ngateway=10.0.0.1\ndns=10.0.0.2;1.1.1.1;\n"));
	assert_non_null(strstr(text, "\n[ipv6]\nmethod=manual\naddress1=fd00::5/64\n"
		"address2=fd00::6/48\ngateway=fd00::1\ndns=fd00::2;\n"));
	parse_dhcp();
	assert_true(ip_render(IP_KEYFILE, &c, NULL, text, sizeof(text)));
	assert_non_null(strstr(text, "[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n"));
	assert_false(ip_render(IP_KEYFILE, &c, NULL, text, 64));
}

static void test_ifcfg(void **state)
{
	(void)state;
	parse_usual();
	assert_true(ip_render(IP_IFCFG, &c, NULL, text, sizeof(text)));
	assert_non_null(strstr(text, "HWADDR=00:15:5d:01:02:03\nDEVICE=eth0\n"));
	assert_non_null(strstr(text, "BOOTPROTO=none\n"));
	assert_non_null(strstr(text, "IPADDR=10.0.0.5\nNETMASK=255.255.255.0\n"
		"IPADDR1=10.0.1.5\nNETMASK1=255.255.0.0\nGATEWAY=10.0.0.1\n"
		"DNS1=10.0.0.2\nDNS2=1.1.1.1\nDNS3=fd00::2\n"));
	assert_non_null(strstr(text, "IPV6ADDR=fd00::5/64\nIPV6NETMASK=64\n"
		"IPV6ADDR_SECONDARIES=\"fd00::6/48\"\nIPV6_DEFAULTGW=fd00::1\n"));
	parse_dhcp();
	assert_true(ip_render(IP_IFCFG, &c, NULL, text, sizeof(text)));
	assert_non_null(strstr(text, "BOOTPROTO=dhcp\n"));
	assert_null(strstr(text, "IPADDR"));
}

static void test_networkd_netplan(void **state)
{
	(void)state;
	parse_usual();
	assert_true(ip_render(IP_NETWORKD, &c, NULL, text, sizeof(text)));
	assert_non_null(strstr(text, "[Match]\nName=eth0\nMACAddress=00:15:5d:01:02:03\n\n"
		"[Network]\nDHCP=no\nAddress=10.0.0.5/24\nAddress=10.0.1.5/16\n"
		"Address=fd00::5/64\nAddress=fd00::6/48\nGateway=10.0.0.1\n"
		"Gateway=fd00::1\nDNS=10.0.0.2\n"));
	assert_true(ip_render(IP_NETPLAN, &c, NULL, text, sizeof(text)));
	assert_non_null(strstr(text, "    \"eth0\":\n      dhcp4: false\n      dhcp6: false\n"
		"      addresses:\n      - \"10.0.0.5/24\"\n"));
	assert_non_null(strstr(text, "      routes:\n      - to: \"0.0.0.0/0\"\n"
		"        via: \"10.0.0.1\"\n      - to: \"::/0\"\n"));
}

static void test_ifupdown(void **state)
{
	static const char old[] =
		"source /etc/network/interfaces.d/*\n\nauto lo eth0\n"
		"iface lo inet loopback\n\nauto eth0\nallow-hotplug eth0\n"
		"iface eth0 inet dhcp\n\tmetric 5\n# remark\n\niface eth0 inet6 auto\n"
		"auto eth00\niface eth00 inet dhcp\n";
	static const char kept[] =
		"source /etc/network/interfaces.d/*\n\nauto lo eth0\n"
		"iface lo inet loopback\n\n#openlis auto eth0\n"
		"#openlis allow-hotplug eth0\n#openlis iface eth0 inet dhcp\n"
		"#openlis \tmetric 5\n# remark\n\n#openlis iface eth0 inet6 auto\n"
		"auto eth00\niface eth00 inet dhcp\n";
	static char again[8192];

	(void)state;
	parse_usual();
	assert_true(ip_render(IP_IFUPDOWN, &c, old, text, sizeof(text)));
	assert_memory_equal(text, kept, strlen(kept));
	assert_string_equal(text + strlen(kept),
		"# openlis: begin eth0\nauto eth0\n"
		"iface eth0 inet static\n\taddress 10.0.0.5/24\n\tgateway 10.0.0.1\n"
		"\tdns-nameservers 10.0.0.2 1.1.1.1\n"
		"iface eth0 inet static\n\taddress 10.0.1.5/16\n"
		"iface eth0 inet6 static\n\taddress fd00::5/64\n\tgateway fd00::1\n"
		"\tdns-nameservers fd00::2\n"
		"iface eth0 inet6 static\n\taddress fd00::6/48\n"
		"# openlis: end eth0\n");
	/* a second time: our part is replaced, theirs stays as it is */
	parse_dhcp();
	assert_true(ip_render(IP_IFUPDOWN, &c, text, again, sizeof(again)));
	assert_memory_equal(again, kept, strlen(kept));
	assert_string_equal(again + strlen(kept),
		"# openlis: begin eth0\nauto eth0\niface eth0 inet dhcp\n"
		"iface eth0 inet6 auto\n# openlis: end eth0\n");
}

static void test_detect(void **state)
{
	(void)state;
	assert_null(ip_detect(scratch));
	put_file("/sbin/ifup", "");
	put_file("/etc/sysconfig/network-scripts/ifcfg-lo", "");
	assert_string_equal(ip_detect(scratch), "ifcfg");
	put_file("/etc/network/interfaces", "");
	assert_string_equal(ip_detect(scratch), "ifupdown");
	put_file("/run/systemd/netif/links/1", "");
	put_file("/usr/bin/networkctl", "");
	assert_string_equal(ip_detect(scratch), "networkd");
	put_file("/etc/netplan/50-cloud-init.yaml", "");
	put_file("/usr/sbin/netplan", "");
	assert_string_equal(ip_detect(scratch), "netplan");
	put_file("/run/NetworkManager/x", "");
	put_file("/usr/bin/nmcli", "");
	assert_string_equal(ip_detect(scratch), "networkmanager");
	put_file(SCRIPTS_DIR "/hv_set_ifconfig", "#!/bin/sh\n");
	assert_int_equal(chmod(below(SCRIPTS_DIR "/hv_set_ifconfig"), 0755), 0);
	assert_string_equal(ip_detect(scratch), "script");
}

static void test_apply(void **state)
{
	static const char file[] =
		"/etc/NetworkManager/system-connections/hyperv-eth0.nmconnection";
	struct stat st;

	(void)state;
	parse_usual();
	way.backend = "networkmanager";
	assert_true(ip_apply(&way, &c, why, sizeof(why)));
	assert_string_equal(ran,
		"nmcli connection load /etc/NetworkManager/system-connections/hyperv-eth0.nmconnection\n"
		"nmcli connection up hyperv-eth0 ifname eth0\n");
	assert_int_equal(stat(below(file), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	strcpy(text, get_file(file));
	/* the next one does not come up: this one is back */
	ran[0] = '\0';
	up = false;
	strcpy(c.addresses.at[0].text, "10.9.9.9");
	assert_false(ip_apply(&way, &c, why, sizeof(why)));
	assert_string_equal(get_file(file), text);
	assert_non_null(strstr(ran, "nmcli connection reload\nnmcli device connect eth0\n"));
	assert_non_null(strstr(why, "do not come up on eth0"));
	/* DHCP may take longer than the host waits */
	parse_dhcp();
	assert_true(ip_apply(&way, &c, why, sizeof(why)));
}

static void test_rollback(void **state)
{
	struct stat st;

	(void)state;
	parse_usual();
	/* there was none: there is none */
	way.backend = "networkd";
	strcpy(fails, "networkctl reconfigure");
	assert_false(ip_apply(&way, &c, why, sizeof(why)));
	assert_int_equal(stat(below("/etc/systemd/network/05-hyperv-eth0.network"),
			      &st), -1);
	assert_string_equal(why, "networkctl reconfigure: exit status 4: its complaint");
	/* a file of others, with its mode */
	way.backend = "ifupdown";
	put_file("/etc/network/interfaces", "iface eth0 inet dhcp\n");
	chmod(below("/etc/network/interfaces"), 0640);
	strcpy(fails, "ifup");
	ran[0] = '\0';
	assert_false(ip_apply(&way, &c, why, sizeof(why)));
	assert_string_equal(get_file("/etc/network/interfaces"),
			    "iface eth0 inet dhcp\n");
	assert_int_equal(stat(below("/etc/network/interfaces"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_string_equal(ran,
			    "ifdown --force eth0\nifup eth0\nifdown --force eth0\nifup eth0\n");
	way.backend = "ifcfg";
	fails[0] = '\0';
	assert_true(ip_apply(&way, &c, why, sizeof(why)));
	assert_non_null(strstr(get_file("/etc/sysconfig/network-scripts/ifcfg-eth0"),
			       "IPADDR=10.0.0.5"));
	way.backend = "netplan";
	assert_true(ip_apply(&way, &c, why, sizeof(why)));
	assert_int_equal(stat(below("/etc/netplan/95-hyperv-eth0.yaml"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
}

static void test_script(void **state)
{
	static const char script[] = SCRIPTS_DIR "/hv_set_ifconfig ";

	(void)state;
	parse_usual();
	way.backend = "script";
	assert_false(ip_apply(&way, &c, why, sizeof(why)));
	put_file(SCRIPTS_DIR "/hv_set_ifconfig", "#!/bin/sh\n");
	chmod(below(SCRIPTS_DIR "/hv_set_ifconfig"), 0755);
	assert_true(ip_apply(&way, &c, why, sizeof(why)));
	assert_memory_equal(ran, script, sizeof(script) - 1);
	assert_string_equal(ran + sizeof(script) - 1,
			    "/var/lib/hyperv/ifcfg-eth0 /var/lib/hyperv/eth0.nmconnection\n");
	assert_non_null(strstr(get_file("/var/lib/hyperv/ifcfg-eth0"),
			       "IPADDR=10.0.0.5\n"));
	assert_non_null(strstr(get_file("/var/lib/hyperv/eth0.nmconnection"),
			       "address1=10.0.0.5/24\n"));
	strcpy(fails, SCRIPTS_DIR);
	assert_false(ip_apply(&way, &c, why, sizeof(why)));
	assert_non_null(strstr(why, "exit status 4: its complaint"));
}

static void make_interfaces(void)
{
	put_file("/sys/class/net/enP1/address", "00:15:5d:01:02:03\n");
	put_file("/sys/class/net/eth7/address", "00:15:5d:01:02:03\n");
	put_file("/sys/class/net/eth7/device/device_id",
		 "{d6f1bf5a-77e2-4cc6-8a67-2a8df4bd64a7}\n");
	put_file("/sys/class/net/zvf/address", "00:15:5d:01:02:03\n");
}

static void test_find(void **state)
{
	char name[IF_NAMESIZE], mac[18];

	(void)state;
	assert_false(ip_find(scratch, "00:15:5d:01:02:03", name, mac));
	make_interfaces();
	assert_true(ip_find(scratch, "00-15-5D-01-02-03", name, mac));
	assert_string_equal(name, "eth7");
	assert_true(ip_find(scratch, "00155D010203", name, mac));
	assert_string_equal(name, "eth7");
	assert_true(ip_find(scratch, "{D6F1BF5A-77E2-4CC6-8A67-2A8DF4BD64A7}",
			    name, mac));
	assert_string_equal(name, "eth7");
	assert_string_equal(mac, "00:15:5d:01:02:03");
	assert_false(ip_find(scratch, "", name, mac));
	assert_false(ip_find(scratch, "{}", name, mac));
	assert_false(ip_find(scratch, "../../etc", name, mac));
}

static uint32_t request(int op, const char *adapter)
{
	memset(&msg, 0, sizeof(msg));
	msg.body.kvp_ip_val = value;
	msg.kvp_hdr.operation = (__u8)op;
	strcpy((char *)msg.body.kvp_ip_val.adapter_id, adapter);
	return kvp_answer(&k, &msg, 1);
}

static void test_requests(void **state)
{
	(void)state;
	make_interfaces();
	say_lists("10.0.0.5", "24", "", "");
	way.backend = "networkd";
	assert_int_equal(request(KVP_OP_SET_IP_INFO, "00:15:5D:01:02:03"),
			 HV_S_OK);
	assert_non_null(strstr(get_file("/etc/systemd/network/05-hyperv-eth7.network"),
			       "Address=10.0.0.5/24\n"));
	assert_int_equal(request(KVP_OP_SET_IP_INFO, "00:00:00:00:00:00"),
			 HV_GUID_NOTFOUND);
	up = false;
	assert_int_equal(request(KVP_OP_SET_IP_INFO, "00:15:5D:01:02:03"),
			 HV_E_FAIL);
	say_lists("nonsense", "24", "", "");
	assert_int_equal(request(KVP_OP_SET_IP_INFO, "00:15:5D:01:02:03"),
			 HV_INVALIDARG);
	way.backend = "none";
	assert_int_equal(request(KVP_OP_SET_IP_INFO, "00:15:5D:01:02:03"),
			 HV_ERROR_NOT_SUPPORTED);
	memset(value.adapter_id, 'x', sizeof(value.adapter_id));
	memset(&msg, 0, sizeof(msg));
	msg.body.kvp_ip_val = value;
	msg.kvp_hdr.operation = KVP_OP_GET_IP_INFO;
	assert_int_equal(kvp_answer(&k, &msg, 1), HV_INVALIDARG);
}

/* Tables as the kernel writes them, and this machine's loopback */
static void test_query(void **state)
{
	const struct hv_kvp_ipaddr_value *v = &msg.body.kvp_ip_val;

	(void)state;
	put_file("/sys/class/net/lo/address", "00:00:00:00:00:01\n");
	put_file("/proc/net/route",
		 "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"
		 "lo\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
		 "eth1\t00000000\t0200000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
		 "lo\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
	put_file("/proc/net/ipv6_route",
		 "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 lo\n"
		 "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 lo\n");
	put_file("/etc/resolv.conf", "# x\nnameserver 10.0.0.2\nnameserver fd00::2\n");
	assert_int_equal(request(KVP_OP_GET_IP_INFO, "00:00:00:00:00:01"),
			 HV_S_OK);
	assert_non_null(strstr((char *)v->ip_addr, "127.0.0.1"));
	assert_non_null(strstr((char *)v->sub_net, "255.0.0.0"));
	assert_string_equal((char *)v->gate_way, "10.0.0.1;fe80::1");
	assert_string_equal((char *)v->dns_addr, "10.0.0.2;fd00::2");
	assert_int_equal(v->dhcp_enabled, 0);
	assert_true(v->addr_family & ADDR_FAMILY_IPV4);
	/* the scripts of those who know better */
	put_file(SCRIPTS_DIR "/hv_get_dns_info", "#!/bin/sh\necho 9.9.9.9\necho 8.8.8.8\n");
	put_file(SCRIPTS_DIR "/hv_get_dhcp_info",
		 "#!/bin/sh\ntest \"$1\" = lo && echo Enabled\n");
	chmod(below(SCRIPTS_DIR "/hv_get_dns_info"), 0755);
	chmod(below(SCRIPTS_DIR "/hv_get_dhcp_info"), 0755);
	assert_int_equal(request(KVP_OP_GET_IP_INFO, "00:00:00:00:00:01"),
			 HV_S_OK);
	assert_string_equal((char *)v->dns_addr, "9.9.9.9;8.8.8.8");
	assert_int_equal(v->dhcp_enabled, 1);
}

static void test_there(void **state)
{
	(void)state;
	strcpy(c.name, "lo");
	c.addresses.count = 1;
	strcpy(c.addresses.at[0].text, "127.0.0.1");
	assert_true(ip_there(&c, 1));
	strcpy(c.addresses.at[0].text, "192.0.2.77");
	assert_false(ip_there(&c, 300));
}

int main(void)
{
#define with_root(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
		with_root(test_parse),
		with_root(test_hostile),
		with_root(test_keyfile),
		with_root(test_ifcfg),
		with_root(test_networkd_netplan),
		with_root(test_ifupdown),
		with_root(test_detect),
		with_root(test_apply),
		with_root(test_rollback),
		with_root(test_script),
		with_root(test_find),
		with_root(test_requests),
		with_root(test_query),
		with_root(test_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
