"""Demo companies. The six publishers are the public facts of contracts 11322–11327; every person, phone,
e-mail and account is invented, and so are the other companies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Company:
    """One registration form's worth of data; ``login`` is the local part of its e-mail address."""

    tax_id: str
    name: str
    head: str
    postcode: str
    address: str
    contact: str
    title: str
    phone: str
    mobile: str
    login: str

    @property
    def email(self) -> str:
        return f"{self.login}@vendor.example"

    def values(self) -> dict[str, str]:
        """The form ``vendor_registration/apply`` as this company would fill it in."""
        return {"tax_id": self.tax_id, "company_name": self.name, "head_name": self.head,
                "postcode": self.postcode, "address": self.address, "contact_name": self.contact,
                "contact_title": self.title, "contact_phone": self.phone, "contact_mobile": self.mobile,
                "contact_email": self.email}


PUBLISHERS = [
    Company("16578128", "真平企業有限公司", "蔡承翰", "709", "臺南市安南區府安路7段10巷13號", "郭雅筑", "業務經理",
            "06-5550-0128", "0900-000-128", "chenping"),
    Company("23142092", "康軒文教事業股份有限公司", "李宗霖", "231", "新北市新店區中興路二段218巷11號", "周思妤",
            "標案專員", "02-5550-0192#215", "0900-000-192", "kangxuan"),
    Company("22452766", "豪風出版有限公司", "李侑廷", "235", "新北市中和區中山路2段118號3樓之1", "許家寧", "行政主任",
            "02-5550-0166", "0900-000-166", "haofeng"),
    Company("94134805", "長鴻教育科技有限公司", "王柏諺", "407", "臺中市西屯區何厝東二街81號", "簡品妍", "專案經理",
            "04-5550-0105", "0900-000-105", "changhong"),
    Company("04383129", "全華圖書股份有限公司", "陳冠霖", "236", "新北市土城區忠義路21號", "曾郁婷", "業務專員",
            "02-5550-0129", "0900-000-129", "chuanhwa"),
    Company("54354129", "奇異果文創事業有限公司", "廖芷萱", "100", "臺北市中正區羅斯福路4段24巷13號B1", "高子晴",
            "編輯部主任", "02-5550-0154", "0900-000-154", "kiwi"),
]

CHENHE = Company("12345675", "晨禾雲端股份有限公司", "許庭瑋", "104", "臺北市中山區民生東路三段8號", "林芷涵", "產品經理",
                 "02-5550-0175", "0900-000-175", "chenhe")
HANCHUAN = Company("90005012", "瀚川資訊股份有限公司", "何政廷", "300", "新竹市東區光復路二段101號", "邱于庭", "專案經理",
                   "03-5550-0101", "0900-000-201", "hanchuan")
YUANLING = Company("90010004", "遠嶺軟體股份有限公司", "方柏翰", "114", "臺北市內湖區瑞光路513號", "羅心妤", "法務專員",
                   "02-5550-0202", "0900-000-202", "yuanling")
HEGUANG = Company("90020013", "禾光數位有限公司", "游承恩", "802", "高雄市苓雅區四維三路6號", "彭詩涵", "業務主任",
                  "07-5550-0203", "0900-000-203", "heguang")
QINGTIAN = Company("90030011", "青田系統整合股份有限公司", "潘彥廷", "106", "臺北市大安區復興南路一段390號", "涂雅雯",
                   "客戶經理", "02-5550-0204", "0900-000-204", "qingtian")
CHENGSHI = Company("90040003", "澄石科技股份有限公司", "葉俊宏", "710", "臺南市永康區中正南路30號", "江佩蓉", "行政專員",
                   "06-5550-0205", "0900-000-205", "chengshi")
MUYUN = Company("90050011", "沐雲科技有限公司", "程冠廷", "403", "臺中市西區臺灣大道二段2號", "溫采潔", "負責人特助",
                "04-5550-0206", "0900-000-206", "muyun")
BEIDOU = Company("90060008", "北斗資安股份有限公司", "宋育誠", "242", "新北市新莊區中央路439號", "白若庭", "資安顧問",
                 "02-5550-0207", "0900-000-207", "beidou")
LANHAI = Company("90070001", "藍海智慧軟體有限公司", "田家豪", "320", "桃園市中壢區環北路400號", "康語喬", "專案助理",
                 "03-5550-0208", "0900-000-208", "lanhai")
SHANLAN = Company("90080009", "山嵐數據股份有限公司", "范植鈞", "970", "花蓮縣花蓮市國聯一路80號", "卓宜蓁", "營運經理",
                  "03-5550-0209", "0900-000-209", "shanlan")
TIANQIAO = Company("90108858", "天橋系統股份有限公司", "紀廷恩", "500", "彰化縣彰化市中山路二段416號", "賀思穎", "行政專員",
                   "04-5550-0210", "0900-000-210", "tianqiao")
