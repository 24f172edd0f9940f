/* SPDX-License-Identifier: Apache-2.0
 *
 * Structure and values: each row is one edit of a RIM that is well otherwise. No signature is checked here. */
#include "format/rim.h"

#include "rim_text.h"

#define ENTITY    "<ns0:Entity name=\"NVIDIA Corporation\" role=\"softwareCreator tagCreator\"/>"
#define SIGNATURE "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
#define OBJECT    "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>"
#define OPAQUE    "xmlns:ns3=\"https://docs.nvidia.com/attestation/specs/latest/opaque-data.html\""
#define CERT      "<ds:X509Certificate>MAAA\n</ds:X509Certificate>"
#define FIRST     "index=\"0\" active=\"True\" alternatives=\"1\""
#define LAST      "index=\"63\" active=\"False\" alternatives=\"1\""
#define TEN       "aaaaaaaaaa"

struct edit {
	const char     *name, *find, *replace;
	enum assay_code code;
	const char     *says; /* part of the message */
};

static const struct edit structure[] = {
	{ "as it is", "", "", ASSAY_OK, "" },

	/* XML itself */
	{ "not XML", "</SoftwareIdentity>", "", ASSAY_XML_PARSE, "line" },
	{ "something behind", "</SoftwareIdentity>", "</SoftwareIdentity><x/>", ASSAY_XML_PARSE,
		"" },
	{ "DTD", "<Soft", "<!DOCTYPE SoftwareIdentity [<!ENTITY a \"b\">]><Soft", ASSAY_XML_DTD,
		"DTD" },
	{ "DTD with an attribute", "<Soft",
		"<!DOCTYPE SoftwareIdentity [<!ATTLIST SoftwareIdentity x CDATA \"y\">]><Soft",
		ASSAY_XML_DTD, "DTD" },
	{ "processing instruction", ENTITY, "<?x y?>" ENTITY, ASSAY_XML_DTD, "instruction" },
	{ "processing instruction in front", "<Soft", "<?x y?><Soft", ASSAY_XML_DTD,
		"instruction" },
	{ "CDATA", ">AAAA", "><![CDATA[AAAA]]>", ASSAY_XML_PARSE, "CDATA" },
	{ "latin", "<Soft", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Soft",
		ASSAY_XML_PARSE, "not UTF-8" },
	{ "declared as it should be", "<Soft",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Soft", ASSAY_OK, "" },
	{ "prefix that nobody declared", "<ns0:Entity", "<nsX:Entity", ASSAY_XML_PARSE, "" },

	{ "attribute twice by two prefixes", "ns2:Hash1", "SHA384:Hash0", ASSAY_XML_PARSE, "" },

	/* comments: canonicalisation drops them, so they stand nowhere */
	{ "comment in front", "<Soft", "<!-- x --><Soft", ASSAY_RIM_STRUCTURE, "a comment" },
	{ "comment behind", "</SoftwareIdentity>", "</SoftwareIdentity><!-- x -->",
		ASSAY_RIM_STRUCTURE, "a comment" },
	{ "comment between", ENTITY, ENTITY "<!-- x -->", ASSAY_RIM_STRUCTURE, "a comment" },
	{ "comment in the payload", "    <ns0:Resource", "<!-- x --><ns0:Resource",
		ASSAY_RIM_STRUCTURE, "a comment" },
	{ "comment in a digest", "<ds:DigestValue>AA", "<ds:DigestValue>AA<!-- x -->",
		ASSAY_RIM_STRUCTURE, "DigestValue is not text" },
	{ "comment in a certificate", "<ds:X509Certificate>MA", "<ds:X509Certificate>MA<!---->",
		ASSAY_RIM_STRUCTURE, "X509Certificate is not text" },
	{ "comment in the signature", "<ds:SignedInfo>", "<!-- x --><ds:SignedInfo>",
		ASSAY_RIM_STRUCTURE, "a comment" },

	/* the root and its children */
	{ "another root", "xmlns=\"http://standards.iso.org",
		"xmlns=\"http://standards.iso.orc", ASSAY_RIM_STRUCTURE, "the root is" },
	{ "root in no namespace",
		" xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\"", "",
		ASSAY_RIM_STRUCTURE, "the root is" },
	{ "no Entity", ENTITY, "", ASSAY_RIM_STRUCTURE, "Meta in the place of Entity" },
	{ "Entity twice", ENTITY, ENTITY ENTITY, ASSAY_RIM_STRUCTURE,
		"Entity in the place of Meta" },
	{ "Entity of no namespace", "<ns0:Entity", "<Entity xmlns=\"\"", ASSAY_RIM_STRUCTURE,
		"Entity in the place of Entity" },
	{ "Entity with a child", "tagCreator\"/>", "tagCreator\"><ns0:x/></ns0:Entity>",
		ASSAY_RIM_STRUCTURE, "Entity is not empty" },
	{ "Meta with a child", "ns1:FirmwareManufacturerId=\"5703\"/>",
		"ns1:FirmwareManufacturerId=\"5703\"><ns0:x/></ns0:Meta>", ASSAY_RIM_STRUCTURE,
		"Meta is not empty" },
	{ "one more in front", ENTITY, "<ns0:Link/>" ENTITY, ASSAY_RIM_STRUCTURE,
		"Link in the place" },
	{ "one more behind", "</ds:Signature>", "</ds:Signature><ns0:Link/>",
		ASSAY_RIM_STRUCTURE, "Link behind the signature" },
	{ "payload twice", "  </ns0:Payload>", "  </ns0:Payload><ns0:Payload/>",
		ASSAY_RIM_STRUCTURE, "Payload in the place of Signature" },
	{ "text in the root", ENTITY, "x" ENTITY, ASSAY_RIM_STRUCTURE,
		"text in SoftwareIdentity" },
	{ "text in the payload", "    <ns0:Resource", "x<ns0:Resource", ASSAY_RIM_STRUCTURE,
		"text in Payload" },
	{ "no-break space", ENTITY, "\xc2\xa0" ENTITY, ASSAY_RIM_STRUCTURE, "text in" },
	{ "text in a Resource", "name=\"Measurement_0\" size=\"48\"/>",
		"name=\"Measurement_0\" size=\"48\">x</ns0:Resource>", ASSAY_RIM_STRUCTURE,
		"text in Resource" },
	{ "Resource with a child", "name=\"Measurement_0\" size=\"48\"/>",
		"name=\"Measurement_0\" size=\"48\"><ns0:Resource/></ns0:Resource>",
		ASSAY_RIM_STRUCTURE, "Resource is not empty" },
	{ "another element in the payload", "    <ns0:Resource", "<ns0:File/><ns0:Resource",
		ASSAY_RIM_STRUCTURE, "File in the payload" },
	{ "Resource of no namespace", "    <ns0:Resource",
		"<Resource xmlns=\"\"/><ns0:Resource", ASSAY_RIM_STRUCTURE,
		"Resource in the payload" },

	/* their attributes */
	{ "no name", " name=\"GH100\"", "", ASSAY_RIM_STRUCTURE,
		"SoftwareIdentity without name" },
	{ "empty name", " name=\"GH100\"", " name=\"\"", ASSAY_RIM_STRUCTURE, "name=\"\"" },
	{ "name not ASCII", " name=\"GH100\"", " name=\"GH\xc3\xa9\"", ASSAY_RIM_STRUCTURE,
		"name=" },
	{ "name of 65", " name=\"GH100\"", " name=\"" TEN TEN TEN TEN TEN TEN "aaaaa\"",
		ASSAY_RIM_STRUCTURE, "name=" },
	{ "name of 64", " name=\"GH100\"", " name=\"" TEN TEN TEN TEN TEN TEN "aaaa\"",
		ASSAY_OK, "" },
	{ "name by reference", " name=\"GH100\"", " name=\"GH&#49;00\"", ASSAY_OK, "" },
	{ "tag id of 95", "tagId=\"0", "tagId=\"", ASSAY_RIM_STRUCTURE, "tagId=" },
	{ "tag id not hexadecimal", "tagId=\"0", "tagId=\"g", ASSAY_RIM_STRUCTURE, "tagId=" },
	{ "a patch", "patch=\"false\"", "patch=\"true\"", ASSAY_RIM_STRUCTURE,
		"patch=\"true\"" },
	{ "a supplement", "supplemental=\"false\"", "supplemental=\"true\"",
		ASSAY_RIM_STRUCTURE, "supplemental=" },
	{ "a corpus tag", "corpus=\"false\"", "corpus=\"true\"", ASSAY_RIM_STRUCTURE,
		"corpus=" },
	{ "unknown attribute", "corpus=", "media=\"x\" corpus=", ASSAY_OK, "" },
	{ "no revision", " revision=\"r1\"", "", ASSAY_OK, "" },
	{ "empty revision", " revision=\"r1\"", " revision=\"\"", ASSAY_OK, "" },
	{ "revision in letters of all kinds", " revision=\"r1\"", " revision=\"\xc2\xae r1\"",
		ASSAY_OK, "" },
	{ "a language", " revision=\"r1\"", " revision=\"r1\" xml:lang=\"en-us\"", ASSAY_OK,
		"" },
	{ "known name, other namespace",
		"corpus=", "ns2:name=\"x\" corpus=", ASSAY_RIM_STRUCTURE, "an attribute name" },
	{ "xml:base", "corpus=", "xml:base=\"http://x/\" corpus=", ASSAY_RIM_STRUCTURE,
		"attribute base" },
	{ "xml:id", "<ns0:Payload", "<ns0:Payload xml:id=\"x\"", ASSAY_RIM_STRUCTURE,
		"attribute id" },
	{ "Id", "<ns0:Resource", "<ns0:Resource Id=\"x\"", ASSAY_RIM_STRUCTURE,
		"attribute Id" },
	{ "ID", "<ns0:Resource", "<ns0:Resource ns2:ID=\"x\"", ASSAY_RIM_STRUCTURE,
		"attribute ID" },
	{ "version with a slash", "550.144.03", "550/144.03", ASSAY_RIM_STRUCTURE,
		"colloquialVersion=" },
	{ "no version", "colloquialVersion=\"550.144.03\" ", "", ASSAY_RIM_STRUCTURE,
		"Meta without colloquialVersion" },
	{ "two versions", " edition=", " ns1:colloquialVersion=\"x\" edition=",
		ASSAY_RIM_STRUCTURE, "an attribute colloquialVersion" },
	{ "another manufacturer", "ns1:FirmwareManufacturerId=\"5703\"",
		"ns1:FirmwareManufacturerId=\"5704\"", ASSAY_RIM_STRUCTURE,
		"FirmwareManufacturerId=\"5704\"" },
	{ "manufacturer of no namespace", "ns1:FirmwareManufacturerId",
		"FirmwareManufacturerId", ASSAY_RIM_STRUCTURE,
		"attribute FirmwareManufacturerId" },
	{ "payload elsewhere", "\"direct\"", "\"indirect\"", ASSAY_RIM_STRUCTURE,
		"PayloadType=" },
	{ "another binding", "\"RIMIM\"", "\"PCCLIENT\"", ASSAY_RIM_STRUCTURE, "BindingSpec=" },
	{ "attribute on the payload", "<ns0:Payload", "<ns0:Payload x=\"y\"",
		ASSAY_RIM_STRUCTURE, "Payload has an attribute x" },
	{ "attribute on Entity", "<ns0:Entity", "<ns0:Entity regid=\"y\"", ASSAY_OK, "" },
	{ "no product", " product=\"GH100\"", "", ASSAY_RIM_STRUCTURE, "Meta without product" },

	/* the signature */
	{ "signature of another namespace", "2000/09/xmldsig#\"><", "2000/09/xmldsig\"><",
		ASSAY_RIM_STRUCTURE, "Signature in the place of Signature" },
	{ "signature twice", "</ds:Signature>", "</ds:Signature>" SIGNATURE "</ds:Signature>",
		ASSAY_RIM_STRUCTURE, "Signature behind the signature" },
	{ "signature in front", ENTITY, SIGNATURE "</ds:Signature>" ENTITY, ASSAY_RIM_STRUCTURE,
		"Signature in the place of Entity" },
	{ "signature's Id", SIGNATURE,
		"<ds:Signature Id=\"x\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
		ASSAY_RIM_STRUCTURE, "Signature has an attribute Id" },
	{ "ds: in the payload", "    <ns0:Resource", OBJECT "<ns0:Resource",
		ASSAY_RIM_STRUCTURE, "Object in the payload" },
	{ "ds: in an entry to come", "    <ns0:Resource",
		"<x:y xmlns:x=\"https://docs.nvidia.com/attestation/specs/latest/opaque-data.html\">" OBJECT
		"</x:y><ns0:Resource",
		ASSAY_RIM_STRUCTURE, "Object outside" },
	{ "Id in an entry to come", "    <ns0:Resource",
		"<x:y xmlns:x=\"https://docs.nvidia.com/attestation/specs/latest/opaque-data.html\""
		" Id=\"x\"/><ns0:Resource",
		ASSAY_RIM_STRUCTURE, "y with an attribute Id" },
	{ "another canonicalisation", "Method Algorithm=\"http://www.w3.org/2006/12/xml-c14n11",
		"Method Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#",
		ASSAY_RIM_STRUCTURE, "CanonicalizationMethod with Algorithm=" },
	{ "canonicalisation with comments",
		"Method Algorithm=\"http://www.w3.org/2006/12/xml-c14n11",
		"Method Algorithm=\"http://www.w3.org/2006/12/xml-c14n11#WithComments",
		ASSAY_RIM_STRUCTURE, "CanonicalizationMethod with Algorithm=" },
	{ "RSA", "#ecdsa-sha384", "#rsa-sha384", ASSAY_RIM_STRUCTURE, "SignatureMethod with" },
	{ "HMAC", "#ecdsa-sha384", "#hmac-sha384", ASSAY_RIM_STRUCTURE,
		"SignatureMethod with" },
	{ "no Algorithm", " Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"/><ds:Sig",
		"/><ds:Sig", ASSAY_RIM_STRUCTURE, "without Algorithm" },
	{ "Algorithm twice", "<ds:SignatureMethod Algorithm=",
		"<ds:SignatureMethod ds:Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\" Algorithm=",
		ASSAY_RIM_STRUCTURE, "an attribute Algorithm" },
	{ "Algorithm of a namespace", "<ds:SignatureMethod Algorithm=",
		"<ds:SignatureMethod ds:Algorithm=", ASSAY_RIM_STRUCTURE,
		"an attribute Algorithm" },
	{ "HMAC length", "#ecdsa-sha384\"/>",
		"#ecdsa-sha384\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
		ASSAY_RIM_STRUCTURE, "HMACOutputLength in the place of ds:Reference" },
	{ "URI of an element", "URI=\"\"", "URI=\"#x\"", ASSAY_RIM_STRUCTURE, "URI=\"#x\"" },
	{ "URI of a file", "URI=\"\"", "URI=\"file:///etc/hostname\"", ASSAY_RIM_STRUCTURE,
		"URI=" },
	{ "URI by pointer", "URI=\"\"", "URI=\"#xpointer(/)\"", ASSAY_RIM_STRUCTURE, "URI=" },
	{ "no URI", " URI=\"\"", "", ASSAY_RIM_STRUCTURE, "Reference without URI" },
	{ "Type", " URI=\"\"", " URI=\"\" Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\"",
		ASSAY_RIM_STRUCTURE, "an attribute Type" },
	{ "two references", "</ds:Reference>", "</ds:Reference><ds:Reference URI=\"\"/>",
		ASSAY_RIM_STRUCTURE, "Reference in the place of ds:SignatureValue" },
	{ "no transform", "<ds:Transforms>", "<ds:Transforms/><ds:Transforms>",
		ASSAY_RIM_STRUCTURE, "Transforms in the place of ds:Transform" },
	{ "one transform",
		"<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
		"", ASSAY_RIM_STRUCTURE, "Transform with Algorithm=" },
	{ "three transforms", "</ds:Transforms>",
		"<ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"/></ds:Transforms>",
		ASSAY_RIM_STRUCTURE, "Transform in the place of ds:DigestMethod" },
	{ "XPath", "xml-c14n11\"/></ds:Transforms>",
		"xml-c14n11\"><ds:XPath>1</ds:XPath></ds:Transform></ds:Transforms>",
		ASSAY_RIM_STRUCTURE, "XPath in the place of" },
	{ "another transform", "09/xmldsig#enveloped-signature", "09/xmldsig#base64",
		ASSAY_RIM_STRUCTURE, "Transform with Algorithm=" },
	{ "SHA-256", "2001/04/xmldsig-more#sha384", "2001/04/xmlenc#sha256",
		ASSAY_RIM_STRUCTURE, "DigestMethod with Algorithm=" },
	{ "digest of 45", "<ds:DigestValue>AAAA", "<ds:DigestValue>", ASSAY_RIM_STRUCTURE,
		"DigestValue of 45 bytes" },
	{ "digest twice", "<ds:DigestValue>",
		"<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>", ASSAY_RIM_STRUCTURE,
		"DigestValue of 3 bytes" },
	{ "digest not base64", "<ds:DigestValue>AAAA", "<ds:DigestValue>AA-A",
		ASSAY_RIM_STRUCTURE, "DigestValue is not base64" },
	{ "value of 99", "<ds:SignatureValue>", "<ds:SignatureValue>AAAA", ASSAY_RIM_STRUCTURE,
		"SignatureValue of 99 bytes" },
	{ "no value", "<ds:SignatureValue>", "<ds:SignatureValue/><ds:SignatureValue>",
		ASSAY_RIM_STRUCTURE, "SignatureValue is not text" },
	{ "value with an element", "<ds:SignatureValue>", "<ds:SignatureValue><x/>",
		ASSAY_RIM_STRUCTURE, "SignatureValue is not text" },
	{ "value in lines", "<ds:SignatureValue>AAAA", "<ds:SignatureValue>\n AAAA\n", ASSAY_OK,
		"" },
	{ "text in SignedInfo", "<ds:SignedInfo>", "<ds:SignedInfo>x", ASSAY_RIM_STRUCTURE,
		"text in SignedInfo" },
	{ "blanks in SignedInfo", "<ds:SignedInfo>", "<ds:SignedInfo>\n\t ", ASSAY_OK, "" },
	{ "text behind a value", "</ds:SignatureValue>", "</ds:SignatureValue>x",
		ASSAY_RIM_STRUCTURE, "text in Signature" },
	{ "text in KeyInfo", "<ds:KeyInfo>", "<ds:KeyInfo>x", ASSAY_RIM_STRUCTURE,
		"text in KeyInfo" },

	/* KeyInfo and what may follow it */
	{ "KeyValue in front", "<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue/>",
		ASSAY_RIM_STRUCTURE, "KeyValue in the place of ds:X509Data" },
	{ "KeyValue behind", "</ds:KeyInfo>", "<ds:KeyValue/></ds:KeyInfo>",
		ASSAY_RIM_STRUCTURE, "KeyValue at the signature's end" },
	{ "KeyName", "<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>x</ds:KeyName>",
		ASSAY_RIM_STRUCTURE, "KeyName in the place" },
	{ "RetrievalMethod", "</ds:KeyInfo>",
		"<ds:RetrievalMethod URI=\"http://x/\"/></ds:KeyInfo>", ASSAY_RIM_STRUCTURE,
		"RetrievalMethod at" },
	{ "two X509Data", "</ds:KeyInfo>", "<ds:X509Data/></ds:KeyInfo>", ASSAY_RIM_STRUCTURE,
		"X509Data at" },
	{ "X509Data split", "MAAB\n</ds:X509Certificate>",
		"MAAB\n</ds:X509Certificate></ds:X509Data><ds:X509Data>", ASSAY_RIM_STRUCTURE,
		"X509Data at" },
	{ "three certificates", CERT, "", ASSAY_OK,
		"" }, /* the chain is too short, the form is right */
	{ "five certificates", CERT, CERT CERT, ASSAY_OK, "" },
	{ "eight certificates", CERT, CERT CERT CERT CERT CERT, ASSAY_OK, "" },
	{ "nine certificates", CERT, CERT CERT CERT CERT CERT CERT, ASSAY_RIM_STRUCTURE,
		"more than 8" },
	{ "X509SubjectName", CERT, CERT "<ds:X509SubjectName>x</ds:X509SubjectName>",
		ASSAY_RIM_STRUCTURE, "X509SubjectName at" },
	{ "certificate one deeper", CERT, "<ds:X509Data>" CERT "</ds:X509Data>",
		ASSAY_RIM_STRUCTURE, "X509Data in the place" },
	{ "certificate outside", "</ds:X509Data>", "</ds:X509Data>" CERT, ASSAY_RIM_STRUCTURE,
		"X509Certificate in the place" },
	{ "certificate too high", "</ds:X509Certificate></ds:X509Data>",
		"</ds:X509Certificate></ds:X509Data><ds:X509Certificate/>", ASSAY_RIM_STRUCTURE,
		"X509Certificate in the place" },
	{ "empty certificate", "MAAA\n", "", ASSAY_RIM_STRUCTURE,
		"X509Certificate is not text" },
	{ "certificate of blanks", "MAAA", "", ASSAY_RIM_STRUCTURE,
		"X509Certificate of 0 bytes" },
	{ "certificate not base64", "MAAA", "MAA", ASSAY_RIM_STRUCTURE,
		"X509Certificate is not base64" },
	{ "Object", "</ds:Signature>", "<ds:Object/></ds:Signature>", ASSAY_RIM_STRUCTURE,
		"Object at the signature's end" },
	{ "Manifest", "</ds:Signature>", "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>",
		ASSAY_RIM_STRUCTURE, "Object at" },
	{ "signature cut", "<ds:KeyInfo>", "<!-- <ds:KeyInfo>", ASSAY_XML_PARSE, "" },
};

static const struct edit values[] = {
	{ "as it is", "", "", ASSAY_OK, "" },
	{ "active in lower case", FIRST, "index=\"0\" active=\"true\" alternatives=\"1\"",
		ASSAY_RIM_STRUCTURE, "Resource 0: active is \"true\"" },
	{ "active TRUE", FIRST, "index=\"0\" active=\"TRUE\" alternatives=\"1\"",
		ASSAY_RIM_STRUCTURE, "active is" },
	{ "active 1", FIRST, "index=\"0\" active=\"1\" alternatives=\"1\"", ASSAY_RIM_STRUCTURE,
		"active is" },
	{ "not active in lower case", LAST, "index=\"63\" active=\"false\" alternatives=\"1\"",
		ASSAY_RIM_STRUCTURE, "Resource 2: active is \"false\"" },
	{ "no active", " active=\"False\"", "", ASSAY_RIM_STRUCTURE, "active is \"\"" },
	{ "no type", " type=\"Measurement\" index=\"63\"", " index=\"63\"", ASSAY_RIM_STRUCTURE,
		"no type" },
	{ "index 64", "index=\"63\"", "index=\"64\"", ASSAY_RIM_STRUCTURE, "index is \"64\"" },
	{ "index with a sign", "index=\"7\"", "index=\"+7\"", ASSAY_RIM_STRUCTURE,
		"index is \"+7\"" },
	{ "index below", "index=\"7\"", "index=\"-1\"", ASSAY_RIM_STRUCTURE, "index is" },
	{ "index with a blank", "index=\"7\"", "index=\" 7\"", ASSAY_RIM_STRUCTURE,
		"index is" },
	{ "index with a zero", "index=\"7\"", "index=\"07\"", ASSAY_RIM_STRUCTURE, "index is" },
	{ "index 00", "index=\"0\"", "index=\"00\"", ASSAY_RIM_STRUCTURE, "index is" },
	{ "index with a tail", "index=\"7\"", "index=\"7x\"", ASSAY_RIM_STRUCTURE, "index is" },
	{ "index in hexadecimal", "index=\"7\"", "index=\"0x7\"", ASSAY_RIM_STRUCTURE,
		"index is" },
	{ "index of five digits", "index=\"7\"", "index=\"65543\"", ASSAY_RIM_STRUCTURE,
		"index is" },
	{ "index empty", "index=\"7\"", "index=\"\"", ASSAY_RIM_STRUCTURE, "index is" },
	{ "no index", "index=\"7\" ", "", ASSAY_RIM_STRUCTURE, "index is \"\"" },
	{ "index twice", "index=\"7\"", "index=\"0\"", ASSAY_RIM_STRUCTURE,
		"Resource 1: index 0 is there twice" },
	{ "index twice, one not active", "index=\"63\"", "index=\"7\"", ASSAY_RIM_STRUCTURE,
		"index 7 is there twice" },
	{ "no alternatives", FIRST, "index=\"0\" active=\"True\" alternatives=\"0\"",
		ASSAY_RIM_STRUCTURE, "alternatives is \"0\"" },
	{ "seventeen alternatives", FIRST, "index=\"0\" active=\"True\" alternatives=\"17\"",
		ASSAY_RIM_STRUCTURE, "alternatives is \"17\"" },
	{ "fewer hashes", FIRST, "index=\"0\" active=\"True\" alternatives=\"2\"",
		ASSAY_RIM_STRUCTURE, "no Hash1" },
	{ "more hashes", "alternatives=\"2\"", "alternatives=\"1\"", ASSAY_RIM_STRUCTURE,
		"8 attributes where 7 belong" },
	{ "a gap", "ns2:Hash1", "ns2:Hash2", ASSAY_RIM_STRUCTURE, "no Hash1" },
	{ "hash of no namespace", "ns2:Hash1", "Hash1", ASSAY_RIM_STRUCTURE, "no Hash1" },
	{ "hash by another prefix", "ns2:Hash1", "SHA384:Hash1", ASSAY_OK, "" },
	{ "hash with a zero", "ns2:Hash1", "ns2:Hash01", ASSAY_RIM_STRUCTURE, "no Hash1" },
	{ "more where not active", LAST " ns2:Hash0", LAST " ns2:Hash1=\"\" ns2:Hash0",
		ASSAY_RIM_STRUCTURE, "8 attributes" },
	{ "hash of 95", "ns2:Hash0=\"0123", "ns2:Hash0=\"012", ASSAY_RIM_STRUCTURE,
		"Hash0 is no SHA-384" },
	{ "hash of 98", "ns2:Hash0=\"0123", "ns2:Hash0=\"120123", ASSAY_RIM_STRUCTURE,
		"Hash0 is no SHA-384" },
	{ "hash not hexadecimal", "ns2:Hash0=\"0123", "ns2:Hash0=\"g123", ASSAY_RIM_STRUCTURE,
		"Hash0 is no SHA-384" },
	{ "hash with 0x", "ns2:Hash0=\"0123", "ns2:Hash0=\"0x23", ASSAY_RIM_STRUCTURE,
		"Hash0 is no" },
	{ "hash in capitals", "ns2:Hash0=\"aaaa", "ns2:Hash0=\"AAAA", ASSAY_OK, "" },
	{ "size in digits", "size=\"48\"", "size=\"96\"", ASSAY_RIM_STRUCTURE,
		"size is \"96\"" },
	{ "size 048", "size=\"48\"", "size=\"048\"", ASSAY_RIM_STRUCTURE, "size is" },
	{ "no size", " size=\"48\"", "", ASSAY_RIM_STRUCTURE, "size is \"\"" },
	{ "no name", " name=\"Measurement_0\"", "", ASSAY_RIM_STRUCTURE, "name is not" },
	{ "empty name", "\"Measurement_0\"", "\"\"", ASSAY_RIM_STRUCTURE, "name is not" },
	{ "name not printable", "\"Measurement_0\"", "\"Measurement&#9;0\"",
		ASSAY_RIM_STRUCTURE, "name is not" },
	{ "name of 64", "\"Measurement_0\"", "\"" TEN TEN TEN TEN TEN TEN "aaaa\"",
		ASSAY_RIM_STRUCTURE, "name is not" },
	{ "name of 63", "\"Measurement_0\"", "\"" TEN TEN TEN TEN TEN TEN "aaa\"", ASSAY_OK,
		"" },
	{ "unknown attribute", FIRST, FIRST " x=\"y\"", ASSAY_RIM_STRUCTURE,
		"8 attributes where 7 belong" },
	{ "unknown attribute, not active", LAST, LAST " x=\"y\"", ASSAY_RIM_STRUCTURE,
		"8 attributes" },
	{ "xml:lang", FIRST, FIRST " xml:lang=\"en\"", ASSAY_RIM_STRUCTURE, "8 attributes" },
	{ "opaque attribute, and nothing that measurements have",
		"type=\"Measurement\" index=\"7\"", OPAQUE " ns3:type=\"37\" index=\"165\"",
		ASSAY_RIM_NEWER, "no measurement" },
	{ "another type", "type=\"Measurement\" index=\"7\"", "type=\"Opaque\" index=\"7\"",
		ASSAY_RIM_NEWER, "no measurement" },
	{ "another type, not active", "type=\"Measurement\" index=\"63\"",
		"type=\"Opaque\" index=\"165\"", ASSAY_OK, "" },
	{ "another type by case", "type=\"Measurement\" index=\"7\"",
		"type=\"measurement\" index=\"7\"", ASSAY_RIM_NEWER, "no measurement" },
	{ "opaque attribute", FIRST, FIRST " " OPAQUE " ns3:MinSvn=\"3\"", ASSAY_RIM_NEWER,
		"no measurement" },
	{ "opaque attribute, not active", LAST, LAST " " OPAQUE " ns3:MinSvn=\"3\"", ASSAY_OK,
		"" },
	{ "opaque element", "    <ns0:Resource", "<ns3:Floor " OPAQUE "/><ns0:Resource",
		ASSAY_RIM_NEWER, "no measurement" },
	{ "opaque element, not active", "    <ns0:Resource",
		"<ns3:Floor " OPAQUE " active=\"False\"/><ns0:Resource", ASSAY_RIM_NEWER,
		"no measurement" },
	{ "worse than newer", "type=\"Measurement\" index=\"0\" active=\"True\"",
		"type=\"x\" index=\"0\" active=\"yes\"", ASSAY_RIM_STRUCTURE, "active is" },
};

static void parse_edited(
	const struct edit *c, struct rim *out, enum assay_code *code, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	print_message("%s\n", c->name);
	rim_text(NULL, &text);
	test_edit(&text, c->find, c->replace);
	*code = rim_parse(buf_bytes(&text), out, e);
}

static void check(const struct edit *c, enum assay_code code, const struct assay_err *e)
{
	if (code != c->code)
		fail_msg("%s, not %s: %s", assay_code_name(code), assay_code_name(c->code),
			assay_err_text(e));
	if (strstr(assay_err_text(e), c->says) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", c->says, assay_err_text(e));
}

static void structure_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(structure); i++) {
		CLEANUP(rim_done) struct rim rim = { 0 };
		struct assay_err             e   = { 0 };
		enum assay_code              code;

		parse_edited(&structure[i], &rim, &code, &e);
		check(&structure[i], code, &e);
		assert_int_equal(rim.doc != NULL, code == ASSAY_OK);
	}
}

static void no_signature(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	CLEANUP(rim_done) struct rim rim  = { 0 };
	struct assay_err             e    = { 0 };

	(void)state;
	rim_text(NULL, &text);
	text.n = (size_t)(strstr(buf_cstr(&text), SIGNATURE) - (char *)text.p);
	buf_text(&text, "</SoftwareIdentity>");
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_RIM_STRUCTURE);
	assert_string_equal(assay_err_text(&e), "nothing in the place of Signature");
}

static void value_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		CLEANUP(rim_done) struct rim       rim    = { 0 };
		CLEANUP(golden_done) struct golden golden = { 0 };
		struct assay_err                   e      = { 0 };
		enum assay_code                    code;

		parse_edited(&values[i], &rim, &code, &e);
		assert_int_equal(code, ASSAY_OK);
		check(&values[i], rim_values(&rim, &golden, &e), &e);
		assert_int_equal(golden.active != 0, values[i].code == ASSAY_OK);
	}
}

static void nothing_active(void **state)
{
	CLEANUP(buf_done) struct buf       text   = { 0 };
	CLEANUP(rim_done) struct rim       rim    = { 0 };
	CLEANUP(golden_done) struct golden golden = { 0 };
	struct assay_err                   e      = { 0 };

	(void)state;
	rim_text(NULL, &text);
	test_edit(&text, "active=\"True\"", "active=\"False\"");
	test_edit(&text, "active=\"True\"", "active=\"False\"");
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_OK);
	assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_RIM_EMPTY);
}

/* No entry at all: nothing would be compared, and all would match. */
static void empty_payload(void **state)
{
	CLEANUP(buf_done) struct buf       text   = { 0 };
	CLEANUP(rim_done) struct rim       rim    = { 0 };
	CLEANUP(golden_done) struct golden golden = { 0 };
	struct assay_err                   e      = { 0 };
	char                              *from, *to;

	(void)state;
	rim_text(NULL, &text);
	buf_cstr(&text);
	from = strstr((char *)text.p, "    <ns0:Resource");
	to   = strstr((char *)text.p, "  </ns0:Payload>");
	memset(from, ' ', (size_t)(to - from));
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_OK);
	assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_RIM_EMPTY);
}

static void assert_text(struct bytes got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void what_is_read(void **state)
{
	CLEANUP(buf_done) struct buf       text   = { 0 };
	CLEANUP(rim_done) struct rim       rim    = { 0 };
	CLEANUP(golden_done) struct golden golden = { 0 };
	struct assay_err                   e      = { 0 };

	(void)state;
	rim_text(NULL, &text);
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_OK);
	assert_text(rim.name, "GH100");
	assert_text(rim.tag_id, RIM_HASH_A);
	assert_text(rim.version, "550.144.03");
	assert_text(rim.edition, "GPU");
	assert_text(rim.product, "GH100");
	assert_string_equal((const char *)rim.signature->name, "Signature");
	for (size_t i = 0; i < RIM_CERTIFICATES; i++) {
		assert_int_equal(rim.certificate[i].n, 3);
		assert_int_equal(rim.certificate[i].p[2], i);
	}
	assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_OK);
	rim_done(&rim); /* the values outlive the document */
	assert_int_equal(golden.active, 2);
	for (size_t i = 0; i < RIM_INDICES; i++) {
		assert_int_equal(golden.entry[i].alternatives, i == 0 ? 1 : i == 7 ? 2 : 0);
		assert_int_equal(golden.entry[i].digest != NULL, i == 0 || i == 7);
	}
	assert_string_equal(golden.entry[0].name, "Measurement_0");
	assert_string_equal(golden.entry[7].name, "Measurement_7");
	assert_memory_equal(golden.entry[0].digest, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
	assert_int_equal(golden.entry[7].digest[0], 0xaa);
	assert_int_equal(golden.entry[7].digest[47], 0xbb);
	assert_true(
		bytes_zero((struct bytes){ golden.entry[7].digest + RIM_DIGEST, RIM_DIGEST }));
}

static void kinds(void **state)
{
	static const struct {
		const char   *edition, *version;
		enum rim_kind kind;
	} rows[] = {
		{ "GPU", "550.144.03", RIM_DRIVER },
		{ "GPU", "575.32", RIM_DRIVER },
		{ "GPU", "96.00.74.00.20", RIM_VBIOS },
		{ "GPU", "97.00.88.00.0F", RIM_VBIOS },
		{ "GPU", "96.00.74.00.2g", RIM_DRIVER },
		{ "GPU", "96.00.74.00.200", RIM_DRIVER },
		{ "GPU", "96.00.74.0020.", RIM_DRIVER },
		{ "SWITCH", "96.10.55.00.01", RIM_BIOS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rim rim = {
			.edition = bytes_text(rows[i].edition),
			.version = bytes_text(rows[i].version),
		};

		assert_int_equal(rim_kind(&rim), rows[i].kind);
	}
}

/* Sixteen alternatives are the most; the pool holds them all. */
static void most_alternatives(void **state)
{
	CLEANUP(buf_done) struct buf       text = { 0 }, more = { 0 };
	CLEANUP(rim_done) struct rim       rim    = { 0 };
	CLEANUP(golden_done) struct golden golden = { 0 };
	struct assay_err                   e      = { 0 };

	(void)state;
	buf_text(&more, "alternatives=\"16\"");
	for (unsigned k = 2; k < RIM_ALTERNATIVES; k++)
		buf_printf(&more, " ns2:Hash%u=\"%02x%.94s\"", k, k, RIM_HASH_B);
	rim_text(NULL, &text);
	test_edit(&text, "alternatives=\"2\"", buf_cstr(&more));
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_OK);
	assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_OK);
	assert_int_equal(golden.entry[7].alternatives, RIM_ALTERNATIVES);
	for (unsigned k = 2; k < RIM_ALTERNATIVES; k++)
		assert_int_equal(golden.entry[7].digest[(size_t)k * RIM_DIGEST], k);
}

static void large_certificate(void **state)
{
	static char base64[(RIM_CERTIFICATE_MAX + 4) / 3 * 4 + 8];

	(void)state;
	for (size_t n = RIM_CERTIFICATE_MAX - 2; n <= RIM_CERTIFICATE_MAX + 1; n += 3) {
		CLEANUP(buf_done) struct buf text = { 0 };
		CLEANUP(rim_done) struct rim rim  = { 0 };
		struct assay_err             e    = { 0 };

		memset(base64, 'A', n / 3 * 4);
		base64[n / 3 * 4] = 0;
		rim_text(NULL, &text);
		test_edit(&text, "MAAA", base64);
		assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e),
			n / 3 * 3 <= RIM_CERTIFICATE_MAX ? ASSAY_OK : ASSAY_RIM_STRUCTURE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure_cases),
		cmocka_unit_test(no_signature),
		cmocka_unit_test(value_cases),
		cmocka_unit_test(nothing_active),
		cmocka_unit_test(empty_payload),
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(kinds),
		cmocka_unit_test(most_alternatives),
		cmocka_unit_test(large_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
